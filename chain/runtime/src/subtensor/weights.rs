//! Weights: Subtensor's checks in Subtensor's order.

use super::pallet::*;
use alloc::{collections::BTreeSet, vec::Vec};
use polkadot_sdk_frame::prelude::*;

impl<T: Config> Pallet<T> {
    pub(super) fn do_set_weights(
        hotkey: &T::AccountId,
        netuid: u16,
        uids: Vec<u16>,
        weights: Vec<u16>,
        version_key: u64,
    ) -> DispatchResult {
        ensure!(
            !CommitRevealWeightsEnabled::<T>::get(netuid) || !NetworksAdded::<T>::get(netuid),
            Error::<T>::CommitRevealEnabled
        );
        Self::set_weights_of(hotkey, netuid, uids, weights, version_key)
    }

    /// Checks and sets weights, whether they were sent or revealed. With commit-reveal on, their commit was what the rate limit counts.
    pub(super) fn set_weights_of(
        hotkey: &T::AccountId,
        netuid: u16,
        uids: Vec<u16>,
        weights: Vec<u16>,
        version_key: u64,
    ) -> DispatchResult {
        let revealed = CommitRevealWeightsEnabled::<T>::get(netuid);
        ensure!(netuid != 0, Error::<T>::CanNotSetRootNetworkWeights);
        ensure!(uids.len() == weights.len(), Error::<T>::WeightVecNotEqualSize);
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::MechanismDoesNotExist);
        let n = SubnetworkN::<T>::get(netuid);
        ensure!(uids.len() <= n.into(), Error::<T>::UidsLengthExceedUidsInSubNet);
        let uid = Uids::<T>::get(netuid, hotkey).ok_or(Error::<T>::HotKeyNotRegisteredInSubNet)?;
        Self::ensure_weights_stake(netuid, hotkey)?;
        ensure!(version_key >= WeightsVersionKey::<T>::get(netuid), Error::<T>::IncorrectWeightVersionKey);
        ensure!(revealed || Self::has_weights_rate(netuid, uid), Error::<T>::SettingWeightsTooFast);

        let only_self = uids[..] == [uid];
        let permitted = ValidatorPermit::<T>::get(netuid).get(usize::from(uid)) == Some(&true);
        ensure!(only_self || permitted || Self::is_owner(netuid, hotkey), Error::<T>::NeuronNoValidatorPermit);
        let distinct: BTreeSet<&u16> = uids.iter().collect();
        ensure!(distinct.len() == uids.len(), Error::<T>::DuplicateUids);
        ensure!(uids.iter().all(|uid| *uid < n), Error::<T>::UidVecContainInvalidOne);
        let least = n.min(MinAllowedWeights::<T>::get(netuid));
        ensure!(only_self || uids.len() >= least.into(), Error::<T>::WeightVecLengthIsLow);
        let weights = upscale_to_max(&weights);
        ensure!(only_self || within_share(&weights, MaxWeightsLimit::<T>::get(netuid)), Error::<T>::MaxWeightExceeded);

        Weights::<T>::insert(netuid, uid, uids.into_iter().zip(weights).collect::<Vec<_>>());
        if !revealed {
            LastUpdate::<T>::mutate(netuid, |blocks| blocks[usize::from(uid)] = Self::now());
        }
        Self::deposit_event(Event::WeightsSet(netuid, uid));
        Ok(())
    }

    pub(crate) fn ensure_weights_stake(netuid: u16, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        let enough = TotalHotkeyAlpha::<T>::get(hotkey, netuid) >= StakeThreshold::<T>::get();
        ensure!(enough || Self::is_owner(netuid, hotkey), Error::<T>::NotEnoughStakeToSetWeights);
        Ok(())
    }

    /// Whether WeightsSetRateLimit blocks have passed since the uid last set or committed weights.
    pub(super) fn has_weights_rate(netuid: u16, uid: u16) -> bool {
        let last = LastUpdate::<T>::get(netuid).get(usize::from(uid)).copied().unwrap_or(0);
        last == 0 || Self::now().saturating_sub(last) >= WeightsSetRateLimit::<T>::get(netuid)
    }

    fn is_owner(netuid: u16, hotkey: &T::AccountId) -> bool {
        SubnetOwnerHotkey::<T>::get(netuid).as_ref() == Some(hotkey)
    }
}

/// Weights scaled so that the largest is 65535, rounded to the nearest.
fn upscale_to_max(weights: &[u16]) -> Vec<u16> {
    let max = u64::from(weights.iter().copied().max().unwrap_or(0));
    if max == 0 {
        return weights.to_vec();
    }
    weights.iter().map(|weight| ((u64::from(*weight) * 65535 * 2 + max) / (max * 2)) as u16).collect()
}

/// Whether no weight's share of the sum, in parts of 65535, is above the limit.
fn within_share(weights: &[u16], limit: u16) -> bool {
    let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    limit == u16::MAX || weights.iter().all(|weight| u64::from(*weight) * 65535 <= sum * u64::from(limit))
}
