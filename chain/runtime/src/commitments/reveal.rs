//! Time-locked commitments: fields that are encrypted to a round of the beacon, and revealed once its pulse is on chain.

use super::{data::Data, pallet::*};
use crate::drand::{Beacon, Opening};
use alloc::vec::Vec;
use polkadot_sdk_frame::prelude::*;

/// Revealed fields that are kept of a hotkey, the newest.
const MAX_REVEALED: usize = 10;

impl<T: Config> Pallet<T> {
    /// Moves what can be opened from commitments to RevealedCommitments. What can't be opened though its pulse is there goes without a word.
    pub(super) fn reveal_timelocked_commitments() {
        for (netuid, who) in TimelockedIndex::<T>::get() {
            let Some(mut registration) = CommitmentOf::<T>::get(netuid, &who) else { continue };
            let mut opened = Vec::new();
            let before = registration.info.fields.len();
            registration.info.fields.retain(|field| match field {
                Data::TimelockEncrypted { encrypted, reveal_round } => {
                    match T::Beacon::open(*reveal_round, encrypted) {
                        Opening::Early => true,
                        Opening::Impossible => false,
                        Opening::Opened(plain) => {
                            opened.extend((!plain.is_empty()).then_some(plain));
                            false
                        }
                    }
                }
                _ => true,
            });
            let fields = &registration.info.fields;
            if fields.len() == before {
                continue;
            }
            if !fields.iter().any(|field| matches!(field, Data::TimelockEncrypted { .. })) {
                TimelockedIndex::<T>::mutate(|index| index.remove(&(netuid, who.clone())));
            }
            match fields.is_empty() {
                true => CommitmentOf::<T>::remove(netuid, &who),
                false => CommitmentOf::<T>::insert(netuid, &who, registration),
            }
            if !opened.is_empty() {
                Self::keep_revealed(netuid, &who, opened);
            }
        }
    }

    fn keep_revealed(netuid: u16, who: &T::AccountId, opened: Vec<Vec<u8>>) {
        let now: u64 = frame_system::Pallet::<T>::block_number().saturated_into();
        let mut revealed = RevealedCommitments::<T>::get(netuid, who).unwrap_or_default();
        for plain in opened {
            revealed.push((plain, now));
            Self::deposit_event(Event::CommitmentRevealed { netuid, who: who.clone() });
        }
        revealed.drain(..revealed.len().saturating_sub(MAX_REVEALED));
        RevealedCommitments::<T>::insert(netuid, who, revealed);
    }
}
