//! The transaction extensions that Subtensor has beyond FRAME's own. All are zero-sized on the wire. Three of them only change
//! priorities or guard features that the development chain lacks; [`SubtensorTransactionExtension`] refuses what would fail.

use crate::{
    drand::Beacon,
    subtensor::pallet::{Call, Error, Pallet},
    AccountId, Drand, Runtime, RuntimeCall, RuntimeOrigin,
};
use codec::DecodeWithMemTracking;
use polkadot_sdk_frame::{
    deps::sp_runtime::{
        traits::Implication,
        transaction_validity::{TransactionSource, TransactionValidityError},
    },
    prelude::*,
};

macro_rules! idle_extension {
    ($name:ident) => {
        #[derive(Encode, Decode, DecodeWithMemTracking, Clone, Eq, PartialEq, Debug, TypeInfo, Default)]
        pub struct $name;

        impl TransactionExtension<RuntimeCall> for $name {
            const IDENTIFIER: &'static str = stringify!($name);
            type Implicit = ();
            type Val = ();
            type Pre = ();
            impl_tx_ext_default!(RuntimeCall; weight validate prepare);
        }
    };
}

idle_extension!(SudoTransactionExtension);
idle_extension!(CheckShieldedTxValidity);
idle_extension!(DrandPriority);

/// The round that weights are committed to has passed.
const INVALID_REVEAL_ROUND: u8 = 15;

/// Refuses weights without stake, commits to a past round, and axons that can't be served before they reach a block.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, Eq, PartialEq, Debug, TypeInfo, Default)]
pub struct SubtensorTransactionExtension;

impl SubtensorTransactionExtension {
    /// Subtensor's number of what is wrong with a call.
    fn check(who: &AccountId, call: &RuntimeCall) -> Result<(), u8> {
        match call {
            RuntimeCall::SubtensorModule(Call::set_weights { netuid, .. }) => {
                Pallet::<Runtime>::ensure_weights_stake(*netuid, who).map_err(Self::code)
            }
            RuntimeCall::SubtensorModule(Call::commit_timelocked_weights { netuid, reveal_round, .. }) => {
                Pallet::<Runtime>::ensure_weights_stake(*netuid, who).map_err(Self::code)?;
                ensure!(*reveal_round >= Drand::last_round(), INVALID_REVEAL_ROUND);
                Ok(())
            }
            RuntimeCall::SubtensorModule(Call::serve_axon { netuid, ip, port, ip_type, .. }) => {
                Pallet::<Runtime>::ensure_axon_valid(*netuid, who, *ip, *port, *ip_type).map_err(Self::code)
            }
            _ => Ok(()),
        }
    }

    /// Subtensor's number of an error, the `n` of `InvalidTransaction::Custom(n)`.
    fn code(error: Error<Runtime>) -> u8 {
        match error {
            Error::NotEnoughStakeToSetWeights => 1,
            Error::SubnetNotExists => 3,
            Error::HotKeyNotRegisteredInNetwork => 10,
            Error::InvalidIpAddress => 11,
            Error::ServingRateLimitExceeded => 12,
            Error::InvalidPort => 13,
            _ => 255,
        }
    }
}

impl TransactionExtension<RuntimeCall> for SubtensorTransactionExtension {
    const IDENTIFIER: &'static str = "SubtensorTransactionExtension";
    type Implicit = ();
    type Val = ();
    type Pre = ();

    fn validate(
        &self,
        origin: RuntimeOrigin,
        call: &RuntimeCall,
        _info: &DispatchInfoOf<RuntimeCall>,
        _len: usize,
        _implicit: (),
        _implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<(), RuntimeCall> {
        if let Ok(who) = ensure_signed(origin.clone()) {
            Self::check(&who, call)
                .map_err(|code| TransactionValidityError::Invalid(InvalidTransaction::Custom(code)))?;
        }
        Ok((ValidTransaction::default(), (), origin))
    }

    impl_tx_ext_default!(RuntimeCall; weight prepare);
}
