//! Stake. One RAO buys one RAO of alpha and back: the development chain has no subnet pools.

use super::pallet::*;
use polkadot_sdk_frame::{
    prelude::*,
    traits::{
        fungible::Mutate,
        tokens::{Fortitude, Precision, Preservation},
    },
};

/// RAO of the smallest stake.
const MIN_STAKE: u64 = 2_000_000;

impl<T: Config> Pallet<T> {
    pub(super) fn do_add_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
    ) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(amount >= MIN_STAKE, Error::<T>::AmountTooLow);
        Self::pay(&coldkey, amount, Error::<T>::NotEnoughBalanceToStake)?;
        ensure!(Owner::<T>::contains_key(&hotkey), Error::<T>::HotKeyAccountNotExists);
        Self::stake(&coldkey, &hotkey, netuid, amount);
        Self::deposit_event(Event::StakeAdded(coldkey, hotkey, amount, amount, netuid, 0));
        Ok(())
    }

    /// Takes back up to `amount`: more than there is means all, as on Subtensor. What is left must not be dust unless it is nothing.
    pub(super) fn do_remove_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
    ) -> DispatchResult {
        let staked = Alpha::<T>::get((&hotkey, &coldkey, netuid));
        let amount = amount.min(staked);
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(amount > 0 && (amount >= MIN_STAKE || amount == staked), Error::<T>::AmountTooLow);
        ensure!(Owner::<T>::contains_key(&hotkey), Error::<T>::HotKeyAccountNotExists);
        Alpha::<T>::mutate_exists((&hotkey, &coldkey, netuid), |alpha| {
            *alpha = Some(staked - amount).filter(|left| *left > 0);
        });
        TotalHotkeyAlpha::<T>::mutate(&hotkey, netuid, |alpha| *alpha = alpha.saturating_sub(amount));
        T::Currency::mint_into(&coldkey, amount)?;
        Self::deposit_event(Event::StakeRemoved(coldkey, hotkey, amount, amount, netuid, 0));
        Ok(())
    }

    pub(super) fn stake(coldkey: &T::AccountId, hotkey: &T::AccountId, netuid: u16, amount: u64) {
        Alpha::<T>::mutate((hotkey, coldkey, netuid), |alpha| *alpha = alpha.saturating_add(amount));
        TotalHotkeyAlpha::<T>::mutate(hotkey, netuid, |alpha| *alpha = alpha.saturating_add(amount));
    }

    pub(super) fn pay(coldkey: &T::AccountId, rao: u64, refusal: Error<T>) -> DispatchResult {
        T::Currency::burn_from(coldkey, rao, Preservation::Preserve, Precision::Exact, Fortitude::Polite)
            .map_err(|_| refusal)?;
        Ok(())
    }
}
