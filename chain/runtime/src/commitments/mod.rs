//! The Commitments pallet: one live value per subnet and hotkey. At spec 425 it is metered in bytes per epoch; at spec 218, which the
//! feature `max-fields-1` builds, it takes one field and one commitment every 100 blocks.

mod data;
#[cfg(feature = "max-fields-1")]
#[path = "pallet_218.rs"]
pub mod pallet;
#[cfg(not(feature = "max-fields-1"))]
pub mod pallet;
#[cfg(not(feature = "max-fields-1"))]
mod reveal;

pub use data::{CommitmentInfo, Registration};

/// What the pallet needs to know of subnets.
pub trait Subnets<AccountId> {
    fn is_registered(netuid: u16, hotkey: &AccountId) -> bool;
    fn epoch_index(netuid: u16) -> u64;
}
