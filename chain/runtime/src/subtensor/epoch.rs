//! Epochs: every `tempo` blocks of a subnet, permits and activity are computed anew and byte budgets refill.

use super::pallet::*;
use alloc::vec::Vec;
use core::cmp::Reverse;

impl<T: Config> Pallet<T> {
    /// Every block: what is due to be revealed, then the epochs that are due.
    pub(super) fn run_due_epochs() {
        let now = Self::now();
        for (netuid, _) in NetworksAdded::<T>::iter() {
            Self::reveal_timelocked_weights(netuid);
            if Self::next_epoch_start_block(netuid).is_some_and(|block| block <= now) {
                Self::run_epoch(netuid, now);
            }
        }
    }

    /// Block at which the next epoch starts; none where tempo is 0.
    pub fn next_epoch_start_block(netuid: u16) -> Option<u64> {
        let tempo = Tempo::<T>::get(netuid);
        (tempo != 0).then(|| LastEpochBlock::<T>::get(netuid).saturating_add(tempo.into()))
    }

    fn run_epoch(netuid: u16, now: u64) {
        SubnetEpochIndex::<T>::mutate(netuid, |index| *index += 1);
        LastEpochBlock::<T>::insert(netuid, now);
        ValidatorPermit::<T>::insert(netuid, Self::permits(netuid));
        let cutoff = u64::from(ActivityCutoff::<T>::get(netuid));
        let active: Vec<bool> =
            LastUpdate::<T>::get(netuid).iter().map(|last| now.saturating_sub(*last) < cutoff).collect();
        Active::<T>::insert(netuid, active);
    }

    /// Permits go to the MaxAllowedValidators largest stakes that are above zero and reach StakeThreshold.
    fn permits(netuid: u16) -> Vec<bool> {
        let threshold = StakeThreshold::<T>::get().max(1);
        let n = SubnetworkN::<T>::get(netuid);
        let stakes: Vec<u64> = (0..n).map(|uid| Self::stake_of(netuid, uid)).collect();
        let mut ranked: Vec<u16> = (0..n).filter(|uid| stakes[usize::from(*uid)] >= threshold).collect();
        ranked.sort_by_key(|uid| (Reverse(stakes[usize::from(*uid)]), *uid));
        ranked.truncate(MaxAllowedValidators::<T>::get(netuid).into());
        (0..n).map(|uid| ranked.contains(&uid)).collect()
    }

    pub(super) fn stake_of(netuid: u16, uid: u16) -> u64 {
        Keys::<T>::get(netuid, uid).map_or(0, |hotkey| TotalHotkeyAlpha::<T>::get(hotkey, netuid))
    }
}
