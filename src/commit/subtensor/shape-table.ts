import type { MissingShape } from '../chain-errors.ts';

/** What a part of the metadata is for: without `all` nothing works; the others are abilities that a chain may lack. */
export type Ability = 'all' | 'bytes' | 'epochIndex' | 'timelockedCommitments' | 'timelockedWeights' | 'removeStake';

export interface Shape {
  kind: MissingShape['kind'];
  /** `Pallet.name` as in the metadata. */
  name: string;
  /**
   * How it is encoded, as encodingOf writes types; `…` stands for anything. Calls: `(argument: type, …)`; storage: `Hasher(key), … -> value`; events:
   * their fields; errors: nothing; runtime APIs: `(type, …) -> type`.
   */
  expected: string;
  ability: Ability;
}

function rows(ability: Ability, kind: Shape['kind'], pallet: string, items: Record<string, string>): Shape[] {
  return Object.entries(items).map(([name, expected]) => ({ kind, name: `${pallet}.${name}`, expected, ability }));
}

const ACCOUNT = '[u8;32]';
const AXON =
  '{block: u64, version: u32, ip: u128, port: u16, ip_type: u8, protocol: u8, placeholder1: u8, placeholder2: u8}';
const NEURON_LISTS = [
  'hotkeys',
  'coldkeys',
  'axons',
  'validator_permit',
  'last_update',
  'block_at_registration',
  'total_stake',
];
const SUBTENSOR = 'SubtensorModule';
const COMMITMENTS = 'Commitments';

/** Every call, storage item, event, error, constant and runtime API that the chain client uses. */
export const SHAPES: readonly Shape[] = [
  ...rows('all', 'storage', 'System', {
    Account: `Blake2_128Concat(${ACCOUNT}) -> {nonce: u32, …data: {free: u64, …}}`,
    Events: '-> …',
  }),
  ...rows('all', 'event', 'System', { ExtrinsicFailed: '{dispatch_error: …, dispatch_info: …}' }),
  ...rows('all', 'storage', 'Timestamp', { Now: '-> u64' }),
  ...rows('all', 'runtime API', 'TransactionPaymentApi', { query_info: '(…, u32) -> {…partial_fee: u64}' }),

  ...rows('all', 'call', COMMITMENTS, { set_commitment: '(netuid: u16, info: Vec<<None | Raw0…Raw128([u8;128])…>>)' }),
  ...rows('all', 'storage', COMMITMENTS, {
    CommitmentOf: `Identity(u16), Twox64Concat(${ACCOUNT}) -> {deposit: u64, block: u32, info: Vec<<None | Raw0…Raw128([u8;128])…>>}`,
    LastCommitment: `Identity(u16), Twox64Concat(${ACCOUNT}) -> u32`,
  }),
  ...rows('all', 'event', COMMITMENTS, { Commitment: `{netuid: u16, who: ${ACCOUNT}}` }),
  ...rows('all', 'error', COMMITMENTS, { TooManyFieldsInCommitmentInfo: '', AccountNotAllowedCommit: '' }),
  ...rows('all', 'constant', COMMITMENTS, { MaxFields: 'u32' }),

  ...rows('all', 'call', SUBTENSOR, {
    set_weights: '(netuid: u16, dests: Vec<u16>, weights: Vec<u16>, version_key: u64)',
    add_stake: `(hotkey: ${ACCOUNT}, netuid: u16, amount_staked: u64)`,
    serve_axon:
      '(netuid: u16, version: u32, ip: u128, port: u16, ip_type: u8, protocol: u8, placeholder1: u8, placeholder2: u8)',
    burned_register: `(netuid: u16, hotkey: ${ACCOUNT})`,
  }),
  ...rows('all', 'storage', SUBTENSOR, {
    NetworksAdded: 'Identity(u16) -> bool',
    NetworkRegistrationAllowed: 'Identity(u16) -> bool',
    SubnetOwnerHotkey: `Identity(u16) -> ${ACCOUNT}`,
    Tempo: 'Identity(u16) -> u16',
    MaxAllowedUids: 'Identity(u16) -> u16',
    MaxAllowedValidators: 'Identity(u16) -> u16',
    ImmunityPeriod: 'Identity(u16) -> u16',
    Burn: 'Identity(u16) -> u64',
    ServingRateLimit: 'Identity(u16) -> u64',
    MinAllowedWeights: 'Identity(u16) -> u16',
    MaxWeightsLimit: 'Identity(u16) -> u16',
    WeightsVersionKey: '…(u16) -> u64',
    WeightsSetRateLimit: 'Identity(u16) -> u64',
    CommitRevealWeightsEnabled: 'Identity(u16) -> bool',
    StakeThreshold: '-> u64',
    Owner: `Blake2_128Concat(${ACCOUNT}) -> ${ACCOUNT}`,
    Uids: `Identity(u16), Blake2_128Concat(${ACCOUNT}) -> u16`,
    BlockAtRegistration: 'Identity(u16), Identity(u16) -> u64',
    Axons: `Identity(u16), Blake2_128Concat(${ACCOUNT}) -> ${AXON}`,
    Weights: 'Identity(u16), Identity(u16) -> Vec<(u16,u16)>',
  }),
  ...rows('all', 'event', SUBTENSOR, {
    StakeAdded: `(${ACCOUNT},${ACCOUNT},u64,u64,u16,u64)`,
    WeightsSet: '(u16,u16)',
    NeuronRegistered: `(u16,u16,${ACCOUNT})`,
    AxonServed: `(u16,${ACCOUNT})`,
  }),
  ...rows('all', 'error', SUBTENSOR, {
    CommitRevealEnabled: '',
    SettingWeightsTooFast: '',
    NeuronNoValidatorPermit: '',
    IncorrectWeightVersionKey: '',
    ServingRateLimitExceeded: '',
  }),
  ...rows('all', 'runtime API', 'SubnetInfoRuntimeApi', {
    get_metagraph: `(u16) -> Option<{…${NEURON_LISTS.map((list) => `${list}: Vec<`).join('…')}…}>`,
  }),

  ...rows('bytes', 'storage', COMMITMENTS, {
    MaxSpace: '-> u32',
    UsedSpaceOf: `Identity(u16), Twox64Concat(${ACCOUNT}) -> {last_epoch: u64, used_space: u64}`,
  }),
  ...rows('bytes', 'error', COMMITMENTS, { SpaceLimitExceeded: '' }),

  ...rows('epochIndex', 'storage', SUBTENSOR, {
    SubnetEpochIndex: 'Identity(u16) -> u64',
    LastEpochBlock: 'Identity(u16) -> u64',
  }),
  ...rows('epochIndex', 'runtime API', 'SubnetInfoRuntimeApi', { get_next_epoch_start_block: '(u16) -> Option<u64>' }),

  ...rows('timelockedCommitments', 'call', COMMITMENTS, {
    set_commitment: '(netuid: u16, info: …TimelockEncrypted{encrypted: Vec<u8>, reveal_round: u64}…)',
  }),
  ...rows('timelockedCommitments', 'storage', COMMITMENTS, {
    RevealedCommitments: `Identity(u16), Twox64Concat(${ACCOUNT}) -> Vec<(Vec<u8>,u64)>`,
  }),
  ...rows('timelockedCommitments', 'event', COMMITMENTS, {
    TimelockCommitment: `{netuid: u16, who: ${ACCOUNT}, reveal_round: u64}`,
    CommitmentRevealed: `{netuid: u16, who: ${ACCOUNT}}`,
  }),
  ...rows('timelockedCommitments', 'storage', 'Drand', {
    BeaconConfig: '-> {public_key: Vec<u8>, period: u32, genesis_time: u32, …}',
    LastStoredRound: '-> u64',
  }),

  ...rows('timelockedWeights', 'call', SUBTENSOR, {
    commit_timelocked_weights: '(netuid: u16, commit: Vec<u8>, reveal_round: u64, commit_reveal_version: u16)',
  }),
  ...rows('timelockedWeights', 'storage', SUBTENSOR, {
    TimelockedWeightCommits: `Twox64Concat(u16), Twox64Concat(u64) -> Vec<(${ACCOUNT},u64,Vec<u8>,u64)>`,
    RevealPeriodEpochs: '…(u16) -> u64',
    CommitRevealWeightsVersion: '-> u16',
  }),
  ...rows('timelockedWeights', 'event', SUBTENSOR, {
    TimelockedWeightsCommitted: `(${ACCOUNT},u16,${ACCOUNT},u64)`,
    TimelockedWeightsRevealed: `(u16,${ACCOUNT})`,
  }),
  ...rows('timelockedWeights', 'error', SUBTENSOR, { CommittingWeightsTooFast: '', IncorrectCommitRevealVersion: '' }),
  ...rows('timelockedWeights', 'storage', 'Drand', {
    BeaconConfig: '-> {public_key: Vec<u8>, period: u32, genesis_time: u32, …}',
  }),

  ...rows('removeStake', 'call', SUBTENSOR, {
    remove_stake: `(hotkey: ${ACCOUNT}, netuid: u16, amount_unstaked: u64)`,
  }),
  ...rows('removeStake', 'storage', SUBTENSOR, {
    TotalHotkeyAlpha: `Blake2_128Concat(${ACCOUNT}), Identity(u16) -> u64`,
  }),
  ...rows('removeStake', 'event', SUBTENSOR, { StakeRemoved: `(${ACCOUNT},${ACCOUNT},u64,u64,u16,u64)` }),
];
