use super::{timelock, Beacon, Opening};
use alloc::vec::Vec;
use codec::DecodeWithMemTracking;
use polkadot_sdk_frame::prelude::*;

type Bytes<const MAX: u32> = BoundedVec<u8, ConstU32<MAX>>;

/// The beacon, as drand describes it.
#[derive(
    Encode,
    Decode,
    DecodeWithMemTracking,
    Default,
    Clone,
    PartialEq,
    Eq,
    Debug,
    TypeInfo,
    MaxEncodedLen,
    Serialize,
    Deserialize,
)]
pub struct BeaconConfiguration {
    /// Compressed point of G2.
    pub public_key: Bytes<96>,
    /// Seconds from one round to the next.
    pub period: u32,
    /// Unix time of round 1.
    pub genesis_time: u32,
    pub hash: Bytes<32>,
    pub group_hash: Bytes<32>,
    pub scheme_id: Bytes<32>,
    pub metadata: Metadata,
}

#[derive(
    Encode,
    Decode,
    DecodeWithMemTracking,
    Default,
    Clone,
    PartialEq,
    Eq,
    Debug,
    TypeInfo,
    MaxEncodedLen,
    Serialize,
    Deserialize,
)]
pub struct Metadata {
    pub beacon_id: Bytes<32>,
}

/// A round of the beacon.
#[derive(Encode, Decode, DecodeWithMemTracking, Default, Clone, PartialEq, Eq, Debug, TypeInfo, MaxEncodedLen)]
pub struct Pulse {
    pub round: u64,
    /// SHA-256 of the signature.
    pub randomness: Bytes<32>,
    /// Compressed point of G1.
    pub signature: Bytes<144>,
}

#[polkadot_sdk_frame::pallet]
pub mod pallet {
    use super::*;

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {}

    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config> {
        NewPulse { rounds: Vec<u64> },
    }

    #[pallet::storage]
    pub type BeaconConfig<T> = StorageValue<_, BeaconConfiguration, ValueQuery>;

    #[pallet::storage]
    pub type Pulses<T> = StorageMap<_, Blake2_128Concat, u64, Pulse>;

    #[pallet::storage]
    pub type LastStoredRound<T> = StorageValue<_, u64, ValueQuery>;

    #[pallet::storage]
    pub type OldestStoredRound<T> = StorageValue<_, u64, ValueQuery>;

    #[pallet::genesis_config]
    #[derive(DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        pub beacon: BeaconConfiguration,
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            BeaconConfig::<T>::put(&self.beacon);
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Stores pulses. Only a block's author can: no transaction without a signature enters the pool. Subtensor checks
        /// the beacon's signature here; the development chain's author is the beacon.
        #[pallet::call_index(0)]
        #[pallet::weight((Weight::from_parts(20_000_000, 0), DispatchClass::Mandatory))]
        pub fn write_pulse(origin: OriginFor<T>, pulses: Vec<Pulse>) -> DispatchResult {
            ensure_none(origin)?;
            let rounds: Vec<u64> = pulses.iter().map(|pulse| pulse.round).collect();
            for pulse in pulses {
                LastStoredRound::<T>::mutate(|last| *last = pulse.round.max(*last));
                OldestStoredRound::<T>::mutate(|oldest| {
                    *oldest = if *oldest == 0 { pulse.round } else { pulse.round.min(*oldest) }
                });
                Pulses::<T>::insert(pulse.round, pulse);
            }
            Self::deposit_event(Event::NewPulse { rounds });
            Ok(())
        }
    }
}

impl<T: Config> Beacon for Pallet<T> {
    fn open(round: u64, ciphertext: &[u8]) -> Opening {
        match Pulses::<T>::get(round) {
            None => Opening::Early,
            Some(pulse) => timelock::open(ciphertext, &pulse.signature).map_or(Opening::Impossible, Opening::Opened),
        }
    }

    fn last_round() -> u64 {
        LastStoredRound::<T>::get()
    }
}

pub use pallet::*;
