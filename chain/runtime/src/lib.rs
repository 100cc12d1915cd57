//! The runtime of Seine's development chain.
//!
//! It has the names, indices, storage hashers, events, errors, transaction extensions and runtime API shapes of Subtensor
//! (spec 425) for what Seine uses, so that a client written against it works against Subtensor and the other way round.
//! It has no emissions and no subnet pools (one RAO staked is one RAO of alpha).
//!
//! This file is the runtime itself: which pallets at which index, and their parameters. It is the crate's root because clients
//! find types such as `RuntimeEvent` by a path of two parts.

#![no_std]

extern crate alloc;

mod admin_utils;
mod apis;
#[cfg(not(feature = "without-commitments"))]
mod commitments;
mod drand;
mod extensions;
mod subtensor;

use alloc::{borrow::Cow, vec::Vec};
use polkadot_sdk_frame::{
    deps::sp_runtime::{generic, MultiAddress},
    prelude::*,
    runtime::{prelude::*, types_common},
};

pub type AccountId = types_common::AccountId;
pub type Balance = u64;
pub type Nonce = u32;

/// The extensions of a transaction, in the order of Subtensor's metadata. Nested because traits stop at tuples of twelve;
/// nesting changes neither the encoding nor the metadata.
pub type TxExtension = (
    (
        frame_system::CheckNonZeroSender<Runtime>,
        frame_system::CheckSpecVersion<Runtime>,
        frame_system::CheckTxVersion<Runtime>,
        frame_system::CheckGenesis<Runtime>,
        frame_system::CheckEra<Runtime>,
        frame_system::CheckNonce<Runtime>,
        frame_system::CheckWeight<Runtime>,
    ),
    (
        pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
        extensions::SudoTransactionExtension,
        extensions::CheckShieldedTxValidity,
        extensions::SubtensorTransactionExtension,
        extensions::DrandPriority,
        frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    ),
);

pub type Header = generic::Header<u32, BlakeTwo256>;
pub type Extrinsic =
    generic::UncheckedExtrinsic<MultiAddress<AccountId, ()>, RuntimeCall, types_common::Signature, TxExtension>;
pub type Block = generic::Block<Header, Extrinsic>;
pub type RuntimeExecutive =
    Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

/// The version, with its number as an argument: the attribute takes nothing but a literal.
macro_rules! version {
    ($spec_version:tt) => {
        #[runtime_version]
        pub const VERSION: RuntimeVersion = RuntimeVersion {
            spec_name: Cow::Borrowed("node-subtensor"),
            impl_name: Cow::Borrowed("seine-development-chain"),
            authoring_version: 1,
            spec_version: $spec_version,
            impl_version: 1,
            apis: apis::RUNTIME_API_VERSIONS,
            transaction_version: 1,
            system_version: 1,
        };
    };
}

#[cfg(not(feature = "max-fields-1"))]
version!(425);
#[cfg(feature = "max-fields-1")]
version!(218);

/// The pallets, with what a variant leaves out as an argument: the attribute does not see `cfg` on a pallet.
macro_rules! construct_runtime_with {
    ($($commitments:tt)*) => {
        #[frame_construct_runtime]
        mod pallets {
            #[runtime::runtime]
            #[runtime::derive(
                RuntimeCall,
                RuntimeEvent,
                RuntimeError,
                RuntimeOrigin,
                RuntimeFreezeReason,
                RuntimeHoldReason,
                RuntimeSlashReason,
                RuntimeLockId,
                RuntimeTask,
                RuntimeViewFunction
            )]
            pub struct Runtime;

            #[runtime::pallet_index(0)]
            pub type System = frame_system::Pallet<Runtime>;
            #[runtime::pallet_index(2)]
            pub type Timestamp = pallet_timestamp::Pallet<Runtime>;
            #[runtime::pallet_index(5)]
            pub type Balances = pallet_balances::Pallet<Runtime>;
            #[runtime::pallet_index(6)]
            pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;
            #[runtime::pallet_index(7)]
            pub type SubtensorModule = subtensor::pallet::Pallet<Runtime>;
            #[runtime::pallet_index(12)]
            pub type Sudo = pallet_sudo::Pallet<Runtime>;
            $($commitments)*
            #[runtime::pallet_index(19)]
            pub type AdminUtils = admin_utils::pallet::Pallet<Runtime>;
            #[runtime::pallet_index(26)]
            pub type Drand = drand::pallet::Pallet<Runtime>;
        }
    };
}

#[cfg(not(feature = "without-commitments"))]
construct_runtime_with! {
    #[runtime::pallet_index(18)]
    pub type Commitments = commitments::pallet::Pallet<Runtime>;
}
#[cfg(feature = "without-commitments")]
construct_runtime_with! {}

parameter_types! {
    pub const Version: RuntimeVersion = VERSION;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type Nonce = Nonce;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type BlockHashCount = ConstU32<2400>;
    type SS58Prefix = ConstU16<42>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Runtime {
    type MinimumPeriod = ConstU64<1>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type Balance = Balance;
    type ExistentialDeposit = ConstU64<500>;
    type AccountStore = System;
}

#[derive_impl(pallet_transaction_payment::config_preludes::TestDefaultConfig)]
impl pallet_transaction_payment::Config for Runtime {
    type OnChargeTransaction = pallet_transaction_payment::FungibleAdapter<Balances, ()>;
    type WeightToFee = FixedFee<100_000, Balance>;
    type LengthToFee = NoFee<Balance>;
}

#[derive_impl(pallet_sudo::config_preludes::TestDefaultConfig)]
impl pallet_sudo::Config for Runtime {}

impl subtensor::pallet::Config for Runtime {
    type Currency = Balances;
    type Beacon = Drand;
}

impl drand::pallet::Config for Runtime {}

#[cfg(not(feature = "without-commitments"))]
impl commitments::pallet::Config for Runtime {
    type MaxFields = ConstU32<
        {
            if cfg!(feature = "max-fields-1") {
                1
            } else {
                3
            }
        },
    >;
    type InitialDeposit = ConstU64<0>;
    type FieldDeposit = ConstU64<0>;
    #[cfg(feature = "max-fields-1")]
    type DefaultRateLimit = ConstU32<100>;
    type Subnets = SubtensorModule;
    #[cfg(not(feature = "max-fields-1"))]
    type Beacon = Drand;
}

impl admin_utils::pallet::Config for Runtime {}
