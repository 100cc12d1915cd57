use super::{CommitmentInfo, Registration, Subnets};
use alloc::boxed::Box;
use polkadot_sdk_frame::prelude::*;

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
        /// Blocks between two commitments of a hotkey.
        #[pallet::constant]
        type DefaultRateLimit: Get<BlockNumberFor<Self>>;
        type Subnets: Subnets<Self::AccountId>;
    }

    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config> {
        Commitment { netuid: u16, who: T::AccountId },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// More fields than MaxFields.
        TooManyFieldsInCommitmentInfo,
        /// The account is no hotkey registered on the subnet.
        AccountNotAllowedCommit,
        /// RateLimit blocks have not passed.
        CommitmentSetRateLimitExceeded,
    }

    #[pallet::storage]
    pub type CommitmentOf<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, Registration<T::MaxFields>>;

    #[pallet::storage]
    pub type LastCommitment<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, BlockNumberFor<T>>;

    #[pallet::storage]
    pub type RateLimit<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery, <T as Config>::DefaultRateLimit>;

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
            let now = frame_system::Pallet::<T>::block_number();
            if let Some(last) = LastCommitment::<T>::get(netuid, &who) {
                ensure!(now >= last + RateLimit::<T>::get(), Error::<T>::CommitmentSetRateLimitExceeded);
            }
            let registration = Registration { deposit: 0, block: now.saturated_into(), info: *info };
            CommitmentOf::<T>::insert(netuid, &who, registration);
            LastCommitment::<T>::insert(netuid, &who, now);
            Self::deposit_event(Event::Commitment { netuid, who });
            Ok(())
        }

        /// Sets how many blocks must lie between two commitments of a hotkey.
        #[pallet::call_index(1)]
        #[pallet::weight(Weight::from_parts(3_000_000, 0))]
        pub fn set_rate_limit(origin: OriginFor<T>, rate_limit_blocks: u32) -> DispatchResult {
            ensure_root(origin)?;
            RateLimit::<T>::put(BlockNumberFor::<T>::from(rate_limit_blocks));
            Ok(())
        }
    }
}

pub use pallet::*;
