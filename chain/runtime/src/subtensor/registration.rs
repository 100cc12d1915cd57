//! Subnets and uids: who is where, and what it cost.

use super::pallet::*;
use polkadot_sdk_frame::prelude::*;

impl<T: Config> Pallet<T> {
    pub(super) fn do_register_network(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        Self::ensure_owned_by(&coldkey, &hotkey)?;
        Self::pay(&coldkey, NetworkMinLockCost::<T>::get(), Error::<T>::CannotAffordLockCost)?;
        let netuid =
            (1..=u16::MAX).find(|netuid| !NetworksAdded::<T>::get(netuid)).ok_or(Error::<T>::CannotAffordLockCost)?;
        Self::add_subnet(netuid, &coldkey, &hotkey);
        Self::append_neuron(netuid, &coldkey, &hotkey);
        Ok(())
    }

    pub(super) fn do_burned_register(coldkey: T::AccountId, netuid: u16, hotkey: T::AccountId) -> DispatchResult {
        ensure!(netuid != 0, Error::<T>::RegistrationNotPermittedOnRootSubnet);
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(NetworkRegistrationAllowed::<T>::get(netuid), Error::<T>::SubNetRegistrationDisabled);
        ensure!(!Uids::<T>::contains_key(netuid, &hotkey), Error::<T>::HotKeyAlreadyRegisteredInSubNet);
        Self::ensure_owned_by(&coldkey, &hotkey)?;
        let pruned = if SubnetworkN::<T>::get(netuid) < MaxAllowedUids::<T>::get(netuid) {
            None
        } else {
            Some(Self::uid_to_prune(netuid).ok_or(Error::<T>::NoNeuronIdAvailable)?)
        };
        Self::pay(&coldkey, Burn::<T>::get(netuid), Error::<T>::NotEnoughBalanceToStake)?;
        match pruned {
            Some(uid) => Self::replace_neuron(netuid, uid, &coldkey, &hotkey),
            None => Self::append_neuron(netuid, &coldkey, &hotkey),
        }
        Ok(())
    }

    pub(super) fn add_subnet(netuid: u16, owner: &T::AccountId, owner_hotkey: &T::AccountId) {
        NetworksAdded::<T>::insert(netuid, true);
        NetworkRegisteredAt::<T>::insert(netuid, Self::now());
        LastEpochBlock::<T>::insert(netuid, Self::now());
        SubnetEpochIndex::<T>::insert(netuid, 0);
        SubnetworkN::<T>::insert(netuid, 0);
        SubnetOwner::<T>::insert(netuid, owner);
        SubnetOwnerHotkey::<T>::insert(netuid, owner_hotkey);
        TotalNetworks::<T>::mutate(|total| *total += 1);
        Self::deposit_event(Event::NetworkAdded(netuid, 0));
    }

    pub(super) fn append_neuron(netuid: u16, coldkey: &T::AccountId, hotkey: &T::AccountId) {
        let uid = SubnetworkN::<T>::get(netuid);
        SubnetworkN::<T>::insert(netuid, uid + 1);
        LastUpdate::<T>::mutate(netuid, |blocks| blocks.push(Self::now()));
        ValidatorPermit::<T>::mutate(netuid, |permits| permits.push(false));
        Active::<T>::mutate(netuid, |active| active.push(true));
        Self::seat(netuid, uid, coldkey, hotkey);
    }

    fn replace_neuron(netuid: u16, uid: u16, coldkey: &T::AccountId, hotkey: &T::AccountId) {
        if let Some(previous) = Keys::<T>::get(netuid, uid) {
            frame_system::Pallet::<T>::dec_sufficients(&previous);
            Uids::<T>::remove(netuid, &previous);
            Axons::<T>::remove(netuid, &previous);
            IsNetworkMember::<T>::remove(&previous, netuid);
        }
        Weights::<T>::remove(netuid, uid);
        let place = usize::from(uid);
        LastUpdate::<T>::mutate(netuid, |blocks| blocks[place] = Self::now());
        ValidatorPermit::<T>::mutate(netuid, |permits| permits[place] = false);
        Active::<T>::mutate(netuid, |active| active[place] = true);
        Self::seat(netuid, uid, coldkey, hotkey);
    }

    fn seat(netuid: u16, uid: u16, coldkey: &T::AccountId, hotkey: &T::AccountId) {
        if !Owner::<T>::contains_key(hotkey) {
            Owner::<T>::insert(hotkey, coldkey);
            OwnedHotkeys::<T>::append(coldkey, hotkey);
        }
        // A registered hotkey needs no balance to sign the calls that cost it no fee.
        frame_system::Pallet::<T>::inc_sufficients(hotkey);
        Keys::<T>::insert(netuid, uid, hotkey);
        Uids::<T>::insert(netuid, hotkey, uid);
        IsNetworkMember::<T>::insert(hotkey, netuid, true);
        BlockAtRegistration::<T>::insert(netuid, uid, Self::now());
        Self::deposit_event(Event::NeuronRegistered(netuid, uid, hotkey.clone()));
    }

    /// Without emissions there is no pruning score: of the neurons past immunity the one with the least stake goes, the
    /// oldest among equals, never the subnet owner's.
    fn uid_to_prune(netuid: u16) -> Option<u16> {
        let immune_from = Self::now().saturating_sub(ImmunityPeriod::<T>::get(netuid).into());
        let owner = SubnetOwnerHotkey::<T>::get(netuid);
        (0..SubnetworkN::<T>::get(netuid))
            .filter_map(|uid| {
                let registered = BlockAtRegistration::<T>::get(netuid, uid);
                let hotkey = Keys::<T>::get(netuid, uid)?;
                let spared = registered > immune_from || Some(&hotkey) == owner.as_ref();
                (!spared).then(|| (TotalHotkeyAlpha::<T>::get(&hotkey, netuid), registered, uid))
            })
            .min()
            .map(|(_, _, uid)| uid)
    }

    fn ensure_owned_by(coldkey: &T::AccountId, hotkey: &T::AccountId) -> DispatchResult {
        let owner = Owner::<T>::get(hotkey);
        ensure!(owner.is_none_or(|owner| owner == *coldkey), Error::<T>::NonAssociatedColdKey);
        Ok(())
    }
}
