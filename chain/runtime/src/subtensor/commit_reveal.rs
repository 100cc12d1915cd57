//! Commit-reveal, version 4: weights encrypted to a round of the beacon, set once it has come and their epoch is there.

use super::pallet::*;
use crate::drand::{Beacon, Opening};
use alloc::{collections::VecDeque, vec::Vec};
use polkadot_sdk_frame::{prelude::*, traits::Hash};

/// Unrevealed commits that a hotkey may have in an epoch.
const MAX_UNREVEALED: usize = 10;

/// What a commit holds once it is opened.
#[derive(Decode)]
struct Payload {
    /// The committing hotkey's account: a copied commit reveals nothing.
    hotkey: Vec<u8>,
    uids: Vec<u16>,
    values: Vec<u16>,
    version_key: u64,
}

impl<T: Config> Pallet<T> {
    pub(super) fn do_commit_timelocked_weights(
        hotkey: T::AccountId,
        netuid: u16,
        commit: TimelockedCommit,
        reveal_round: u64,
        version: u16,
    ) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::MechanismDoesNotExist);
        ensure!(CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::CommitRevealDisabled);
        ensure!(version == CommitRevealWeightsVersion::<T>::get(), Error::<T>::IncorrectCommitRevealVersion);
        let uid = Uids::<T>::get(netuid, &hotkey).ok_or(Error::<T>::HotKeyNotRegisteredInSubNet)?;
        ensure!(Self::has_weights_rate(netuid, uid), Error::<T>::CommittingWeightsTooFast);
        let now = Self::now();
        let hash = T::Hashing::hash(&commit);
        TimelockedWeightCommits::<T>::try_mutate(netuid, Self::epoch_with_lookahead(netuid), |commits| {
            let unrevealed = commits.iter().filter(|(who, ..)| *who == hotkey).count();
            ensure!(unrevealed < MAX_UNREVEALED, Error::<T>::TooManyUnrevealedCommits);
            commits.push_back((hotkey.clone(), now, commit, reveal_round));
            Ok::<_, Error<T>>(())
        })?;
        LastUpdate::<T>::mutate(netuid, |blocks| blocks[usize::from(uid)] = now);
        Self::deposit_event(Event::TimelockedWeightsCommitted(hotkey, netuid, hash, reveal_round));
        Ok(())
    }

    /// Opens the commits whose epoch this is; those whose round has not come are tried again in every block of the epoch, and
    /// go with it. What can't be opened, or breaks a rule for weights, goes without a word.
    pub(super) fn reveal_timelocked_weights(netuid: u16) {
        let epoch = Self::epoch_with_lookahead(netuid);
        let period = RevealPeriodEpochs::<T>::get(netuid);
        let due = epoch.saturating_sub(period);
        let expired: Vec<u64> =
            TimelockedWeightCommits::<T>::iter_key_prefix(netuid).filter(|epoch| *epoch < due).collect();
        expired.into_iter().for_each(|epoch| TimelockedWeightCommits::<T>::remove(netuid, epoch));
        if epoch < period || !TimelockedWeightCommits::<T>::contains_key(netuid, due) {
            return;
        }
        let mut early = VecDeque::new();
        for (hotkey, block, commit, round) in TimelockedWeightCommits::<T>::take(netuid, due) {
            match T::Beacon::open(round, &commit) {
                Opening::Early => early.push_back((hotkey, block, commit, round)),
                Opening::Impossible => {}
                Opening::Opened(plain) => Self::set_revealed_weights(netuid, hotkey, &plain),
            }
        }
        if !early.is_empty() {
            TimelockedWeightCommits::<T>::insert(netuid, due, early);
        }
    }

    fn set_revealed_weights(netuid: u16, hotkey: T::AccountId, mut plain: &[u8]) {
        let Ok(Payload { hotkey: named, uids, values, version_key }) = Payload::decode(&mut plain) else { return };
        if named == hotkey.encode() && Self::set_weights_of(&hotkey, netuid, uids, values, version_key).is_ok() {
            Self::deposit_event(Event::TimelockedWeightsRevealed(netuid, hotkey));
        }
    }

    /// The epoch that this block belongs to: reveals run before the epoch that is due is counted.
    fn epoch_with_lookahead(netuid: u16) -> u64 {
        let is_due = Self::next_epoch_start_block(netuid).is_some_and(|block| block <= Self::now());
        SubnetEpochIndex::<T>::get(netuid) + u64::from(is_due)
    }
}
