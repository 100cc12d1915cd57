//! SubtensorModule: subnets, registrations, axons, stake, permits, weights and epochs.

mod epoch;
mod genesis;
mod metagraph;
pub mod pallet;
mod registration;
mod serving;
mod weights;

pub use metagraph::Metagraph;
