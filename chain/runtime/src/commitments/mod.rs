//! The Commitments pallet: one live value per subnet and hotkey, metered in bytes per epoch.

mod data;
pub mod pallet;
pub use data::{CommitmentInfo, Data, Registration, UsageTracker};
