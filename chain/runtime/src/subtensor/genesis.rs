//! What the chain starts with.

use super::pallet::*;
use polkadot_sdk_frame::prelude::*;

/// A subnet that exists from block 0. Periods and limits are in blocks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisSubnet<AccountId> {
    pub netuid: u16,
    pub owner: AccountId,
    pub owner_hotkey: AccountId,
    pub tempo: u16,
    pub max_allowed_uids: u16,
    pub max_allowed_validators: u16,
    pub immunity_period: u16,
    pub burn: u64,
    pub serving_rate_limit: u64,
    pub min_allowed_weights: u16,
    pub max_weights_limit: u16,
    pub weights_version_key: u64,
    pub weights_set_rate_limit: u64,
    pub commit_reveal_weights_enabled: bool,
    pub reveal_period_epochs: u64,
}

/// A hotkey that is registered from block 0, with its stake in RAO. It holds a permit after the first epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisNeuron<AccountId> {
    pub netuid: u16,
    pub hotkey: AccountId,
    pub coldkey: AccountId,
    pub stake: u64,
}

impl<T: Config> Pallet<T> {
    pub(super) fn build_subnet(subnet: &GenesisSubnet<T::AccountId>) {
        let netuid = subnet.netuid;
        Self::add_subnet(netuid, &subnet.owner, &subnet.owner_hotkey);
        Tempo::<T>::insert(netuid, subnet.tempo);
        MaxAllowedUids::<T>::insert(netuid, subnet.max_allowed_uids);
        MaxAllowedValidators::<T>::insert(netuid, subnet.max_allowed_validators);
        ImmunityPeriod::<T>::insert(netuid, subnet.immunity_period);
        Burn::<T>::insert(netuid, subnet.burn);
        ServingRateLimit::<T>::insert(netuid, subnet.serving_rate_limit);
        MinAllowedWeights::<T>::insert(netuid, subnet.min_allowed_weights);
        MaxWeightsLimit::<T>::insert(netuid, subnet.max_weights_limit);
        WeightsVersionKey::<T>::insert(netuid, subnet.weights_version_key);
        WeightsSetRateLimit::<T>::insert(netuid, subnet.weights_set_rate_limit);
        CommitRevealWeightsEnabled::<T>::insert(netuid, subnet.commit_reveal_weights_enabled);
        RevealPeriodEpochs::<T>::insert(netuid, subnet.reveal_period_epochs);
    }

    pub(super) fn build_neuron(neuron: &GenesisNeuron<T::AccountId>) {
        Self::append_neuron(neuron.netuid, &neuron.coldkey, &neuron.hotkey);
        Self::stake(&neuron.coldkey, &neuron.hotkey, neuron.netuid, neuron.stake);
    }
}
