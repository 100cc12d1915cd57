//! Root's calls that set a subnet's parameters.

use crate::subtensor::pallet as subtensor;
use polkadot_sdk_frame::prelude::*;

#[polkadot_sdk_frame::pallet]
pub mod pallet {
    use super::*;

    #[pallet::config]
    pub trait Config: frame_system::Config + subtensor::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::error]
    pub enum Error<T> {
        /// No subnet has this netuid.
        SubnetDoesNotExist,
    }

    fn ensure_root_of<T: Config>(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
        ensure_root(origin)?;
        ensure!(subtensor::NetworksAdded::<T>::get(netuid), Error::<T>::SubnetDoesNotExist);
        Ok(())
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        #[pallet::call_index(3)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_serving_rate_limit(
            origin: OriginFor<T>,
            netuid: u16,
            serving_rate_limit: u64,
        ) -> DispatchResult {
            ensure_root_of::<T>(origin, netuid)?;
            subtensor::ServingRateLimit::<T>::insert(netuid, serving_rate_limit);
            Ok(())
        }

        #[pallet::call_index(6)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_weights_version_key(
            origin: OriginFor<T>,
            netuid: u16,
            weights_version_key: u64,
        ) -> DispatchResult {
            ensure_root_of::<T>(origin, netuid)?;
            subtensor::WeightsVersionKey::<T>::insert(netuid, weights_version_key);
            Ok(())
        }

        #[pallet::call_index(7)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_weights_set_rate_limit(
            origin: OriginFor<T>,
            netuid: u16,
            weights_set_rate_limit: u64,
        ) -> DispatchResult {
            ensure_root_of::<T>(origin, netuid)?;
            subtensor::WeightsSetRateLimit::<T>::insert(netuid, weights_set_rate_limit);
            Ok(())
        }

        #[pallet::call_index(14)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_min_allowed_weights(
            origin: OriginFor<T>,
            netuid: u16,
            min_allowed_weights: u16,
        ) -> DispatchResult {
            ensure_root_of::<T>(origin, netuid)?;
            subtensor::MinAllowedWeights::<T>::insert(netuid, min_allowed_weights);
            Ok(())
        }

        #[pallet::call_index(15)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_max_allowed_uids(origin: OriginFor<T>, netuid: u16, max_allowed_uids: u16) -> DispatchResult {
            ensure_root_of::<T>(origin, netuid)?;
            subtensor::MaxAllowedUids::<T>::insert(netuid, max_allowed_uids);
            Ok(())
        }

        #[pallet::call_index(25)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_max_allowed_validators(
            origin: OriginFor<T>,
            netuid: u16,
            max_allowed_validators: u16,
        ) -> DispatchResult {
            ensure_root_of::<T>(origin, netuid)?;
            subtensor::MaxAllowedValidators::<T>::insert(netuid, max_allowed_validators);
            Ok(())
        }

        /// Sets a subnet's tempo; its current epoch starts anew.
        #[pallet::call_index(30)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_tempo(origin: OriginFor<T>, netuid: u16, tempo: u16) -> DispatchResult {
            ensure_root_of::<T>(origin, netuid)?;
            subtensor::Tempo::<T>::insert(netuid, tempo);
            subtensor::LastEpochBlock::<T>::insert(netuid, subtensor::Pallet::<T>::now());
            Ok(())
        }

        #[pallet::call_index(42)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_stake_threshold(origin: OriginFor<T>, min_stake: u64) -> DispatchResult {
            ensure_root(origin)?;
            subtensor::StakeThreshold::<T>::put(min_stake);
            Ok(())
        }

        #[pallet::call_index(49)]
        #[pallet::weight(Weight::from_parts(20_000_000, 0))]
        pub fn sudo_set_commit_reveal_weights_enabled(
            origin: OriginFor<T>,
            netuid: u16,
            enabled: bool,
        ) -> DispatchResult {
            ensure_root_of::<T>(origin, netuid)?;
            subtensor::CommitRevealWeightsEnabled::<T>::insert(netuid, enabled);
            Ok(())
        }
    }
}
