//! Axons.

use super::pallet::*;
use polkadot_sdk_frame::prelude::*;

const IPV4_LOOPBACK: u128 = 0x7f00_0001;

impl<T: Config> Pallet<T> {
    pub(super) fn do_serve_axon(hotkey: T::AccountId, netuid: u16, axon: AxonInfo) -> DispatchResult {
        Self::ensure_axon_valid(netuid, &hotkey, axon.ip, axon.port, axon.ip_type)?;
        Axons::<T>::insert(netuid, &hotkey, axon);
        Self::deposit_event(Event::AxonServed(netuid, hotkey));
        Ok(())
    }

    pub(crate) fn ensure_axon_valid(
        netuid: u16,
        hotkey: &T::AccountId,
        ip: u128,
        port: u16,
        ip_type: u8,
    ) -> Result<(), Error<T>> {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(Uids::<T>::contains_key(netuid, hotkey), Error::<T>::HotKeyNotRegisteredInNetwork);
        ensure!(ip_type == 4 || ip_type == 6, Error::<T>::InvalidIpType);
        ensure!(Self::is_valid_ip(ip, ip_type), Error::<T>::InvalidIpAddress);
        let previous = Axons::<T>::get(netuid, hotkey).map_or(0, |axon| axon.block);
        let waited = Self::now().saturating_sub(previous);
        ensure!(previous == 0 || waited >= ServingRateLimit::<T>::get(netuid), Error::<T>::ServingRateLimitExceeded);
        ensure!(port != 0, Error::<T>::InvalidPort);
        Ok(())
    }

    fn is_valid_ip(ip: u128, ip_type: u8) -> bool {
        let (loopback, end) = if ip_type == 4 { (IPV4_LOOPBACK, u32::MAX.into()) } else { (1, u128::MAX) };
        ip < end && (ip != loopback || AllowLoopbackAxons::<T>::get())
    }
}
