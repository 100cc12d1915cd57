use super::{data::Data, CommitmentInfo, Registration, Subnets};
use crate::drand::Beacon;
use alloc::{boxed::Box, collections::BTreeSet, vec::Vec};
use polkadot_sdk_frame::prelude::*;

/// Bytes that the smallest commitment costs.
const MIN_USED_SPACE: u64 = 100;

/// Bytes that a hotkey has used in an epoch of its subnet.
#[derive(Encode, Decode, Default, Clone, PartialEq, Eq, Debug, TypeInfo)]
pub struct UsageTracker {
    pub last_epoch: u64,
    pub used_space: u64,
}

#[polkadot_sdk_frame::pallet]
pub mod pallet {
    use super::*;

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        #[pallet::constant]
        type MaxFields: Get<u32> + 'static;
        #[pallet::constant]
        type InitialDeposit: Get<u64>;
        #[pallet::constant]
        type FieldDeposit: Get<u64>;
        type Subnets: Subnets<Self::AccountId>;
        type Beacon: Beacon;
    }

    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        Commitment { netuid: u16, who: T::AccountId },
        TimelockCommitment { netuid: u16, who: T::AccountId, reveal_round: u64 },
        CommitmentRevealed { netuid: u16, who: T::AccountId },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// More fields than MaxFields.
        TooManyFieldsInCommitmentInfo,
        /// The account is no hotkey registered on the subnet.
        AccountNotAllowedCommit,
        /// The epoch's byte budget is used up.
        SpaceLimitExceeded,
        /// A deposit could not be given back whole.
        UnexpectedUnreserveLeftover,
    }

    #[pallet::storage]
    pub type TimelockedIndex<T: Config> = StorageValue<_, BTreeSet<(u16, T::AccountId)>, ValueQuery>;

    #[pallet::storage]
    pub type CommitmentOf<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, Registration<T::MaxFields>>;

    #[pallet::storage]
    pub type LastCommitment<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, BlockNumberFor<T>>;

    #[pallet::storage]
    pub type LastBondsReset<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, BlockNumberFor<T>>;

    #[pallet::storage]
    pub type RevealedCommitments<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, Vec<(Vec<u8>, u64)>>;

    #[pallet::storage]
    pub type UsedSpaceOf<T: Config> = StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, UsageTracker>;

    #[pallet::storage]
    pub type MaxSpace<T> = StorageValue<_, u32, ValueQuery, ConstU32<3100>>;

    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        pub max_space: u32,
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self { max_space: 3100, _config: PhantomData }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            MaxSpace::<T>::put(self.max_space);
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            Self::reveal_timelocked_commitments();
            Weight::from_parts(100_000_000, 0)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Replaces the commitment that the signing hotkey has on the subnet.
        #[pallet::call_index(0)]
        #[pallet::weight((Weight::from_parts(40_000_000, 0), DispatchClass::Normal, Pays::No))]
        pub fn set_commitment(
            origin: OriginFor<T>,
            netuid: u16,
            info: Box<CommitmentInfo<T::MaxFields>>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(T::Subnets::is_registered(netuid, &who), Error::<T>::AccountNotAllowedCommit);

            let required = info.fields.iter().map(Data::budget_bytes).sum::<u64>().max(MIN_USED_SPACE);
            let epoch = T::Subnets::epoch_index(netuid);
            let used = UsedSpaceOf::<T>::get(netuid, &who)
                .filter(|usage| usage.last_epoch == epoch)
                .map_or(0, |usage| usage.used_space)
                .saturating_add(required);
            ensure!(used <= u64::from(MaxSpace::<T>::get()), Error::<T>::SpaceLimitExceeded);
            UsedSpaceOf::<T>::insert(netuid, &who, UsageTracker { last_epoch: epoch, used_space: used });

            let now = frame_system::Pallet::<T>::block_number();
            if info.fields.contains(&Data::ResetBondsFlag) {
                LastBondsReset::<T>::insert(netuid, &who, now);
            }
            let reveal_round = info.fields.iter().find_map(|field| match field {
                Data::TimelockEncrypted { reveal_round, .. } => Some(*reveal_round),
                _ => None,
            });
            let registration = Registration { deposit: 0, block: now.saturated_into(), info: *info };
            CommitmentOf::<T>::insert(netuid, &who, registration);
            LastCommitment::<T>::insert(netuid, &who, now);
            TimelockedIndex::<T>::mutate(|index| match reveal_round {
                Some(_) => index.insert((netuid, who.clone())),
                None => index.remove(&(netuid, who.clone())),
            });
            Self::deposit_event(match reveal_round {
                Some(reveal_round) => Event::TimelockCommitment { netuid, who, reveal_round },
                None => Event::Commitment { netuid, who },
            });
            Ok(())
        }

        /// Sets the bytes that a hotkey may commit in an epoch.
        #[pallet::call_index(2)]
        #[pallet::weight(Weight::from_parts(3_000_000, 0))]
        pub fn set_max_space(origin: OriginFor<T>, new_limit: u32) -> DispatchResult {
            ensure_root(origin)?;
            MaxSpace::<T>::put(new_limit);
            Ok(())
        }
    }
}

pub use pallet::*;
