//! The view of a subnet that `SubnetInfoRuntimeApi_get_metagraph` gives, field by field in Subtensor's order. What belongs to
//! emissions, pools, bonds and proof of work is zero or empty here.

use super::pallet::*;
use alloc::{vec, vec::Vec};
use codec::Compact;
use polkadot_sdk_frame::prelude::*;

/// A fixed-point number with 32 fractional bits, as Subtensor encodes it.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq, TypeInfo)]
pub struct FixedI128 {
    pub bits: i128,
}

#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq, TypeInfo)]
pub struct SubnetIdentityV3 {
    pub subnet_name: Vec<u8>,
    pub github_repo: Vec<u8>,
    pub subnet_contact: Vec<u8>,
    pub subnet_url: Vec<u8>,
    pub discord: Vec<u8>,
    pub description: Vec<u8>,
    pub logo_url: Vec<u8>,
    pub additional: Vec<u8>,
}

#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq, TypeInfo)]
pub struct ChainIdentityV2 {
    pub name: Vec<u8>,
    pub url: Vec<u8>,
    pub github_repo: Vec<u8>,
    pub image: Vec<u8>,
    pub discord: Vec<u8>,
    pub description: Vec<u8>,
    pub additional: Vec<u8>,
}

#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq, TypeInfo)]
pub struct Metagraph<AccountId: TypeInfo + Encode + Decode> {
    pub netuid: Compact<u16>,
    pub name: Vec<Compact<u8>>,
    pub symbol: Vec<Compact<u8>>,
    pub identity: Option<SubnetIdentityV3>,
    pub network_registered_at: Compact<u64>,
    pub owner_hotkey: AccountId,
    pub owner_coldkey: AccountId,
    pub block: Compact<u64>,
    pub tempo: Compact<u16>,
    pub last_step: Compact<u64>,
    pub blocks_since_last_step: Compact<u64>,
    pub subnet_emission: Compact<u64>,
    pub alpha_in: Compact<u64>,
    pub alpha_out: Compact<u64>,
    pub tao_in: Compact<u64>,
    pub alpha_out_emission: Compact<u64>,
    pub alpha_in_emission: Compact<u64>,
    pub tao_in_emission: Compact<u64>,
    pub pending_alpha_emission: Compact<u64>,
    pub pending_root_emission: Compact<u64>,
    pub subnet_volume: Compact<u128>,
    pub moving_price: FixedI128,
    pub rho: Compact<u16>,
    pub kappa: Compact<u16>,
    pub min_allowed_weights: Compact<u16>,
    pub max_weights_limit: Compact<u16>,
    pub weights_version: Compact<u64>,
    pub weights_rate_limit: Compact<u64>,
    pub activity_cutoff: Compact<u16>,
    pub max_validators: Compact<u16>,
    pub num_uids: Compact<u16>,
    pub max_uids: Compact<u16>,
    pub burn: Compact<u64>,
    pub difficulty: Compact<u64>,
    pub registration_allowed: bool,
    pub pow_registration_allowed: bool,
    pub immunity_period: Compact<u16>,
    pub min_difficulty: Compact<u64>,
    pub max_difficulty: Compact<u64>,
    pub min_burn: Compact<u64>,
    pub max_burn: Compact<u64>,
    pub adjustment_alpha: Compact<u64>,
    pub adjustment_interval: Compact<u16>,
    pub target_regs_per_interval: Compact<u16>,
    pub max_regs_per_block: Compact<u16>,
    pub serving_rate_limit: Compact<u64>,
    pub commit_reveal_weights_enabled: bool,
    pub commit_reveal_period: Compact<u64>,
    pub liquid_alpha_enabled: bool,
    pub alpha_high: Compact<u16>,
    pub alpha_low: Compact<u16>,
    pub bonds_moving_avg: Compact<u64>,
    pub hotkeys: Vec<AccountId>,
    pub coldkeys: Vec<AccountId>,
    pub identities: Vec<Option<ChainIdentityV2>>,
    pub axons: Vec<AxonInfo>,
    pub active: Vec<bool>,
    pub validator_permit: Vec<bool>,
    pub pruning_score: Vec<Compact<u16>>,
    pub last_update: Vec<Compact<u64>>,
    pub emission: Vec<Compact<u64>>,
    pub dividends: Vec<Compact<u16>>,
    pub incentives: Vec<Compact<u16>>,
    pub consensus: Vec<Compact<u16>>,
    pub trust: Vec<Compact<u16>>,
    pub rank: Vec<Compact<u16>>,
    pub block_at_registration: Vec<Compact<u64>>,
    pub alpha_stake: Vec<Compact<u64>>,
    pub tao_stake: Vec<Compact<u64>>,
    pub total_stake: Vec<Compact<u64>>,
    pub tao_dividends_per_hotkey: Vec<(AccountId, Compact<u64>)>,
    pub alpha_dividends_per_hotkey: Vec<(AccountId, Compact<u64>)>,
}

impl<T: Config> Pallet<T> {
    /// The subnet as it stands at the end of the block, or none where no subnet has this netuid.
    pub fn metagraph(netuid: u16) -> Option<Metagraph<T::AccountId>> {
        if !NetworksAdded::<T>::get(netuid) {
            return None;
        }
        let now = Self::now();
        let n = SubnetworkN::<T>::get(netuid);
        let len = usize::from(n);
        let last_step = LastEpochBlock::<T>::get(netuid);
        let hotkeys = (0..n).map(|uid| Keys::<T>::get(netuid, uid)).collect::<Option<Vec<_>>>()?;
        let stakes: Vec<Compact<u64>> = (0..n).map(|uid| Self::stake_of(netuid, uid).into()).collect();
        let zero = Compact(0);
        Some(Metagraph {
            netuid: netuid.into(),
            name: text("development"),
            symbol: text("d"),
            identity: None,
            network_registered_at: NetworkRegisteredAt::<T>::get(netuid).into(),
            owner_hotkey: SubnetOwnerHotkey::<T>::get(netuid)?,
            owner_coldkey: SubnetOwner::<T>::get(netuid)?,
            block: now.into(),
            tempo: Tempo::<T>::get(netuid).into(),
            last_step: last_step.into(),
            blocks_since_last_step: now.saturating_sub(last_step).into(),
            subnet_emission: zero,
            alpha_in: zero,
            alpha_out: stakes.iter().map(|stake| stake.0).sum::<u64>().into(),
            tao_in: zero,
            alpha_out_emission: zero,
            alpha_in_emission: zero,
            tao_in_emission: zero,
            pending_alpha_emission: zero,
            pending_root_emission: zero,
            subnet_volume: Compact(0),
            moving_price: FixedI128 { bits: 1 << 32 },
            rho: Compact(10),
            kappa: Compact(32_767),
            min_allowed_weights: MinAllowedWeights::<T>::get(netuid).into(),
            max_weights_limit: MaxWeightsLimit::<T>::get(netuid).into(),
            weights_version: WeightsVersionKey::<T>::get(netuid).into(),
            weights_rate_limit: WeightsSetRateLimit::<T>::get(netuid).into(),
            activity_cutoff: ActivityCutoff::<T>::get(netuid).into(),
            max_validators: MaxAllowedValidators::<T>::get(netuid).into(),
            num_uids: n.into(),
            max_uids: MaxAllowedUids::<T>::get(netuid).into(),
            burn: Burn::<T>::get(netuid).into(),
            difficulty: zero,
            registration_allowed: NetworkRegistrationAllowed::<T>::get(netuid),
            pow_registration_allowed: false,
            immunity_period: ImmunityPeriod::<T>::get(netuid).into(),
            min_difficulty: zero,
            max_difficulty: zero,
            min_burn: Burn::<T>::get(netuid).into(),
            max_burn: Burn::<T>::get(netuid).into(),
            adjustment_alpha: zero,
            adjustment_interval: Compact(0),
            target_regs_per_interval: Compact(0),
            max_regs_per_block: MaxAllowedUids::<T>::get(netuid).into(),
            serving_rate_limit: ServingRateLimit::<T>::get(netuid).into(),
            commit_reveal_weights_enabled: CommitRevealWeightsEnabled::<T>::get(netuid),
            commit_reveal_period: RevealPeriodEpochs::<T>::get(netuid).into(),
            liquid_alpha_enabled: false,
            alpha_high: Compact(0),
            alpha_low: Compact(0),
            bonds_moving_avg: zero,
            coldkeys: hotkeys.iter().map(Owner::<T>::get).collect::<Option<Vec<_>>>()?,
            identities: vec![None; len],
            axons: hotkeys.iter().map(|hotkey| Axons::<T>::get(netuid, hotkey).unwrap_or_default()).collect(),
            active: Active::<T>::get(netuid),
            validator_permit: ValidatorPermit::<T>::get(netuid),
            pruning_score: vec![Compact(0); len],
            last_update: LastUpdate::<T>::get(netuid).into_iter().map(Compact).collect(),
            emission: vec![Compact(0); len],
            dividends: vec![Compact(0); len],
            incentives: vec![Compact(0); len],
            consensus: vec![Compact(0); len],
            trust: vec![Compact(0); len],
            rank: vec![Compact(0); len],
            block_at_registration: (0..n).map(|uid| BlockAtRegistration::<T>::get(netuid, uid).into()).collect(),
            alpha_stake: stakes.clone(),
            tao_stake: vec![Compact(0); len],
            total_stake: stakes,
            tao_dividends_per_hotkey: Vec::new(),
            alpha_dividends_per_hotkey: Vec::new(),
            hotkeys,
        })
    }
}

fn text(value: &str) -> Vec<Compact<u8>> {
    value.bytes().map(Compact).collect()
}
