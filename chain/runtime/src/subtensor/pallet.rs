use super::genesis::{GenesisNeuron, GenesisSubnet};
use crate::drand::Beacon;
use alloc::{collections::VecDeque, vec::Vec};
use codec::DecodeWithMemTracking;
use polkadot_sdk_frame::{
    prelude::*,
    traits::{
        fungible::{Inspect, Mutate},
        ConstBool, ConstU16, ConstU64,
    },
};

/// Where a hotkey is served: an IP address as a number (IPv4 in the low 32 bits) and a port.
#[derive(Encode, Decode, DecodeWithMemTracking, Default, Clone, PartialEq, Eq, Debug, TypeInfo)]
pub struct AxonInfo {
    /// Block of the last `serve_axon`.
    pub block: u64,
    pub version: u32,
    pub ip: u128,
    pub port: u16,
    pub ip_type: u8,
    pub protocol: u8,
    pub placeholder1: u8,
    pub placeholder2: u8,
}

/// Encrypted weights.
pub type TimelockedCommit = BoundedVec<u8, ConstU32<5000>>;

#[polkadot_sdk_frame::pallet]
pub mod pallet {
    use super::*;

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        type Currency: Inspect<Self::AccountId, Balance = u64> + Mutate<Self::AccountId>;
        type Beacon: Beacon;
    }

    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Subnet, mechanism.
        NetworkAdded(u16, u16),
        /// Coldkey, hotkey, RAO staked, alpha received, subnet, fee.
        StakeAdded(T::AccountId, T::AccountId, u64, u64, u16, u64),
        /// Coldkey, hotkey, RAO received, alpha removed, subnet, fee.
        StakeRemoved(T::AccountId, T::AccountId, u64, u64, u16, u64),
        /// Storage index of the subnet, uid of the validator.
        WeightsSet(u16, u16),
        /// Subnet, uid, hotkey.
        NeuronRegistered(u16, u16, T::AccountId),
        /// Subnet, hotkey.
        AxonServed(u16, T::AccountId),
        /// Hotkey, storage index of the subnet, hash of the commit, round.
        TimelockedWeightsCommitted(T::AccountId, u16, T::Hash, u64),
        /// Storage index of the subnet, hotkey.
        TimelockedWeightsRevealed(u16, T::AccountId),
    }

    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// An axon's IP type is neither 4 nor 6.
        InvalidIpType,
        /// An axon's IP address can't be one.
        InvalidIpAddress,
        /// An axon's port is 0.
        InvalidPort,
        /// The hotkey is not registered on the subnet.
        HotKeyNotRegisteredInSubNet,
        /// Nobody has registered the hotkey.
        HotKeyAccountNotExists,
        /// The hotkey is not registered on the subnet that its axon is for.
        HotKeyNotRegisteredInNetwork,
        /// The hotkey belongs to another coldkey.
        NonAssociatedColdKey,
        /// The hotkey's stake is below StakeThreshold.
        NotEnoughStakeToSetWeights,
        /// Less is staked than is to be moved; `remove_stake` takes what there is instead.
        NotEnoughStakeToWithdraw,
        /// The coldkey has less than it wants to spend.
        NotEnoughBalanceToStake,
        /// Weights for others need a validator permit.
        NeuronNoValidatorPermit,
        /// As many uids as weights are needed.
        WeightVecNotEqualSize,
        /// A uid occurs twice.
        DuplicateUids,
        /// A uid is not in the subnet.
        UidVecContainInvalidOne,
        /// Fewer weights than MinAllowedWeights.
        WeightVecLengthIsLow,
        /// The hotkey is registered already.
        HotKeyAlreadyRegisteredInSubNet,
        /// A weight's share is above MaxWeightsLimit.
        MaxWeightExceeded,
        /// WeightsSetRateLimit blocks have not passed.
        SettingWeightsTooFast,
        /// The version key is below WeightsVersionKey.
        IncorrectWeightVersionKey,
        /// ServingRateLimit blocks have not passed.
        ServingRateLimitExceeded,
        /// More weights than uids.
        UidsLengthExceedUidsInSubNet,
        /// The subnet takes no registrations.
        SubNetRegistrationDisabled,
        /// Hotkeys don't register on the root subnet by this call.
        RegistrationNotPermittedOnRootSubnet,
        /// Weights on the root subnet are not set by this call.
        CanNotSetRootNetworkWeights,
        /// The subnet is full and all its neurons are immune.
        NoNeuronIdAvailable,
        /// With commit-reveal on, weights are committed first.
        CommitRevealEnabled,
        /// With commit-reveal off, weights are not committed.
        CommitRevealDisabled,
        /// The commit's version is not CommitRevealWeightsVersion.
        IncorrectCommitRevealVersion,
        /// WeightsSetRateLimit blocks have not passed.
        CommittingWeightsTooFast,
        /// The hotkey has 10 commits in this epoch.
        TooManyUnrevealedCommits,
        /// The subnet's mechanism does not exist.
        MechanismDoesNotExist,
        /// No subnet has this netuid.
        SubnetNotExists,
        /// The stake is below the smallest allowed.
        AmountTooLow,
        /// The coldkey can't pay for a new subnet.
        CannotAffordLockCost,
    }

    #[pallet::storage]
    pub type StakeThreshold<T> = StorageValue<_, u64, ValueQuery>;
    #[pallet::storage]
    pub type NetworkMinLockCost<T> = StorageValue<_, u64, ValueQuery, ConstU64<1_000_000_000_000>>;
    /// Whether axons may be on 127.0.0.1 or ::1. Not on Subtensor, which always refuses them.
    #[pallet::storage]
    pub type AllowLoopbackAxons<T> = StorageValue<_, bool, ValueQuery>;

    #[pallet::storage]
    pub type TotalNetworks<T> = StorageValue<_, u16, ValueQuery>;
    #[pallet::storage]
    pub type NetworksAdded<T> = StorageMap<_, Identity, u16, bool, ValueQuery>;
    #[pallet::storage]
    pub type NetworkRegisteredAt<T> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    #[pallet::storage]
    pub type NetworkRegistrationAllowed<T> = StorageMap<_, Identity, u16, bool, ValueQuery, ConstBool<true>>;
    #[pallet::storage]
    pub type SubnetworkN<T> = StorageMap<_, Identity, u16, u16, ValueQuery>;
    #[pallet::storage]
    pub type SubnetOwner<T: Config> = StorageMap<_, Identity, u16, T::AccountId>;
    #[pallet::storage]
    pub type SubnetOwnerHotkey<T: Config> = StorageMap<_, Identity, u16, T::AccountId>;

    #[pallet::storage]
    pub type Tempo<T> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<360>>;
    #[pallet::storage]
    pub type LastEpochBlock<T> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    #[pallet::storage]
    pub type SubnetEpochIndex<T> = StorageMap<_, Identity, u16, u64, ValueQuery>;

    #[pallet::storage]
    pub type MaxAllowedUids<T> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<256>>;
    #[pallet::storage]
    pub type MaxAllowedValidators<T> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<64>>;
    #[pallet::storage]
    pub type ImmunityPeriod<T> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<4096>>;
    #[pallet::storage]
    pub type ActivityCutoff<T> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<5000>>;
    #[pallet::storage]
    pub type Burn<T> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<500_000>>;
    #[pallet::storage]
    pub type ServingRateLimit<T> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<50>>;
    #[pallet::storage]
    pub type MinAllowedWeights<T> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<1>>;
    #[pallet::storage]
    pub type MaxWeightsLimit<T> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<65535>>;
    #[pallet::storage]
    pub type WeightsVersionKey<T> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    #[pallet::storage]
    pub type WeightsSetRateLimit<T> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<100>>;
    #[pallet::storage]
    pub type CommitRevealWeightsEnabled<T> = StorageMap<_, Identity, u16, bool, ValueQuery, ConstBool<true>>;
    #[pallet::storage]
    pub type RevealPeriodEpochs<T> = StorageMap<_, Twox64Concat, u16, u64, ValueQuery, ConstU64<1>>;
    #[pallet::storage]
    pub type CommitRevealWeightsVersion<T> = StorageValue<_, u16, ValueQuery, ConstU16<4>>;
    /// Unrevealed commits by subnet and epoch: hotkey, block, ciphertext, round. Keyed as LastUpdate.
    #[pallet::storage]
    pub type TimelockedWeightCommits<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        u16,
        Twox64Concat,
        u64,
        VecDeque<(T::AccountId, u64, TimelockedCommit, u64)>,
        ValueQuery,
    >;

    #[pallet::storage]
    pub type Owner<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId>;
    #[pallet::storage]
    pub type OwnedHotkeys<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;
    #[pallet::storage]
    pub type IsNetworkMember<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, bool, ValueQuery>;
    #[pallet::storage]
    pub type Uids<T: Config> = StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, u16>;
    #[pallet::storage]
    pub type Keys<T: Config> = StorageDoubleMap<_, Identity, u16, Identity, u16, T::AccountId>;
    #[pallet::storage]
    pub type BlockAtRegistration<T> = StorageDoubleMap<_, Identity, u16, Identity, u16, u64, ValueQuery>;
    #[pallet::storage]
    pub type Axons<T: Config> = StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, AxonInfo>;

    /// Alpha staked on a hotkey, by subnet.
    #[pallet::storage]
    pub type TotalHotkeyAlpha<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, u64, ValueQuery>;

    /// Alpha staked by a coldkey on a hotkey, by subnet: plain RAO, where Subtensor keeps a share of the pool.
    #[pallet::storage]
    pub type Alpha<T: Config> = StorageNMap<
        _,
        (NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Identity, u16>),
        u64,
        ValueQuery,
    >;

    #[pallet::storage]
    pub type ValidatorPermit<T> = StorageMap<_, Identity, u16, Vec<bool>, ValueQuery>;
    #[pallet::storage]
    pub type Active<T> = StorageMap<_, Identity, u16, Vec<bool>, ValueQuery>;
    /// Block of the last weights by uid. Keyed by mechanism * 4096 + netuid; only mechanism 0 exists.
    #[pallet::storage]
    pub type LastUpdate<T> = StorageMap<_, Identity, u16, Vec<u64>, ValueQuery>;
    /// Weights that a uid gives, as (uid, share of the largest * 65535). Keyed as LastUpdate.
    #[pallet::storage]
    pub type Weights<T> = StorageDoubleMap<_, Identity, u16, Identity, u16, Vec<(u16, u16)>, ValueQuery>;

    #[pallet::genesis_config]
    #[derive(DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        pub subnets: Vec<GenesisSubnet<T::AccountId>>,
        pub neurons: Vec<GenesisNeuron<T::AccountId>>,
        pub stake_threshold: u64,
        pub network_min_lock_cost: u64,
        pub allow_loopback_axons: bool,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            StakeThreshold::<T>::put(self.stake_threshold);
            NetworkMinLockCost::<T>::put(self.network_min_lock_cost);
            AllowLoopbackAxons::<T>::put(self.allow_loopback_axons);
            self.subnets.iter().for_each(Pallet::<T>::build_subnet);
            self.neurons.iter().for_each(Pallet::<T>::build_neuron);
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            Self::run_due_epochs();
            Weight::from_parts(100_000_000, 0)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the weights that the signing hotkey gives to the uids of a subnet.
        #[pallet::call_index(0)]
        #[pallet::weight((Weight::from_parts(20_000_000_000, 0), DispatchClass::Normal, Pays::No))]
        pub fn set_weights(
            origin: OriginFor<T>,
            netuid: u16,
            dests: Vec<u16>,
            weights: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            Self::do_set_weights(&ensure_signed(origin)?, netuid, dests, weights, version_key)
        }

        /// Stakes RAO of the signing coldkey on a hotkey.
        #[pallet::call_index(2)]
        #[pallet::weight(Weight::from_parts(300_000_000, 0))]
        pub fn add_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: u16,
            amount_staked: u64,
        ) -> DispatchResult {
            Self::do_add_stake(ensure_signed(origin)?, hotkey, netuid, amount_staked)
        }

        /// Takes stake of the signing coldkey back from a hotkey.
        #[pallet::call_index(3)]
        #[pallet::weight(Weight::from_parts(300_000_000, 0))]
        pub fn remove_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: u16,
            amount_unstaked: u64,
        ) -> DispatchResult {
            Self::do_remove_stake(ensure_signed(origin)?, hotkey, netuid, amount_unstaked)
        }

        /// Publishes where the signing hotkey is served.
        #[pallet::call_index(4)]
        #[pallet::weight((Weight::from_parts(30_000_000, 0), DispatchClass::Normal, Pays::No))]
        #[allow(clippy::too_many_arguments)]
        pub fn serve_axon(
            origin: OriginFor<T>,
            netuid: u16,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
            protocol: u8,
            placeholder1: u8,
            placeholder2: u8,
        ) -> DispatchResult {
            let block = Self::now();
            let axon = AxonInfo { block, version, ip, port, ip_type, protocol, placeholder1, placeholder2 };
            Self::do_serve_axon(ensure_signed(origin)?, netuid, axon)
        }

        /// Registers a hotkey on a subnet for the subnet's burn, paid by the signing coldkey.
        #[pallet::call_index(7)]
        #[pallet::weight(Weight::from_parts(300_000_000, 0))]
        pub fn burned_register(origin: OriginFor<T>, netuid: u16, hotkey: T::AccountId) -> DispatchResult {
            Self::do_burned_register(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Makes a subnet owned by the signing coldkey, with the hotkey as its uid 0.
        #[pallet::call_index(59)]
        #[pallet::weight(Weight::from_parts(200_000_000, 0))]
        pub fn register_network(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Self::do_register_network(ensure_signed(origin)?, hotkey)
        }

        /// Commits weights of the signing hotkey, encrypted to a round of the beacon.
        #[pallet::call_index(113)]
        #[pallet::weight((Weight::from_parts(100_000_000, 0), DispatchClass::Normal, Pays::No))]
        pub fn commit_timelocked_weights(
            origin: OriginFor<T>,
            netuid: u16,
            commit: TimelockedCommit,
            reveal_round: u64,
            commit_reveal_version: u16,
        ) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            Self::do_commit_timelocked_weights(hotkey, netuid, commit, reveal_round, commit_reveal_version)
        }
    }

    impl<T: Config> Pallet<T> {
        /// Number of the block being built.
        pub fn now() -> u64 {
            frame_system::Pallet::<T>::block_number().saturated_into()
        }
    }
}

#[cfg(not(feature = "without-commitments"))]
impl<T: Config> crate::commitments::Subnets<T::AccountId> for Pallet<T> {
    fn is_registered(netuid: u16, hotkey: &T::AccountId) -> bool {
        Uids::<T>::contains_key(netuid, hotkey)
    }

    fn epoch_index(netuid: u16) -> u64 {
        SubnetEpochIndex::<T>::get(netuid)
    }
}

pub use pallet::*;
