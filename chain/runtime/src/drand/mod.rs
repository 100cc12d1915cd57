//! The Drand pallet: a beacon's pulses on chain, and what is encrypted to its rounds.

pub mod pallet;
mod timelock;

use alloc::vec::Vec;

/// What became of a ciphertext that is encrypted to a round.
pub enum Opening {
    /// The round's pulse is not on chain yet.
    Early,
    /// The pulse is there and does not open it.
    Impossible,
    Opened(Vec<u8>),
}

/// A beacon that other pallets open ciphertexts by.
pub trait Beacon {
    fn open(round: u64, ciphertext: &[u8]) -> Opening;
    /// The newest round whose pulse is on chain.
    fn last_round() -> u64;
}
