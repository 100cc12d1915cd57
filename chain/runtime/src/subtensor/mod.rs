//! SubtensorModule: subnets, registrations, axons, stake, permits, weights and epochs.

mod commit_reveal;
mod epoch;
mod genesis;
mod metagraph;
pub mod pallet;
mod registration;
mod serving;
mod staking;
mod weights;

pub use metagraph::Metagraph;
