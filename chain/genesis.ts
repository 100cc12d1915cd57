import './quiet.ts';
import { readFile } from 'node:fs/promises';
import { emptyTaskHandler, runTask } from '@acala-network/chopsticks-core';
import {
  compactAddLength,
  compactStripLength,
  compactToU8a,
  hexToU8a,
  stringToU8a,
  u8aConcat,
  u8aToHex,
  u8aToString,
} from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import type { HexString } from '@polkadot/util/types';
import { SeineError } from '../src/core/errors.ts';
import type { ArchivedBlock, Header } from './archive.ts';
import { beaconConfig, developmentBeacon, type BeaconOptions } from './beacon.ts';
import { extrinsicsRoot } from './state-tries.ts';
import { trieRoot, withChanges } from '../src/core/trie.ts';

const CODE = u8aToHex(stringToU8a(':code'));
const ZERO_HASH: HexString = `0x${'0'.repeat(64)}`;

/** Balances and stakes are in RAO (1 TAO = 10^9 RAO) and must be safe integers. Addresses are SS58 with prefix 42. */
export interface GenesisOptions {
  endowed: { address: string; rao: number }[];
  /** The account that may make root calls through Sudo. */
  sudo: string;
  subnets: GenesisSubnet[];
  /** Hotkeys registered from the start, their uids in this order. */
  neurons?: GenesisNeuron[];
  /** Bytes that a hotkey may commit in an epoch, on every subnet. @default 3100 */
  maxSpace?: number;
  /** Stake below which a hotkey gets no permit and sets no weights. @default 0 */
  stakeThresholdRao?: number;
  /** What `register_network` costs. @default 1_000 TAO */
  networkLockCostRao?: number;
  /** The beacon that time-locked weights and commitments are encrypted to. @default a development beacon in quicknet's rhythm */
  beacon?: BeaconOptions;
  /** Whether axons may be on 127.0.0.1, which Subtensor refuses. @default true */
  allowLoopbackAxons?: boolean;
}

/** A subnet that exists from block 0. Rates and periods are in blocks. Defaults are Subtensor's unless said otherwise. */
export interface GenesisSubnet {
  netuid: number;
  /** Coldkey of the owner. */
  owner: string;
  /** Hotkey of the owner, which needs neither stake nor permit to set weights. @default the owner's own address */
  ownerHotkey?: string;
  /** Blocks in an epoch. @default 360 */
  tempo?: number;
  /** Whether weights must be committed before they are revealed. @default false (Subtensor: true) */
  commitReveal?: boolean;
  /** Epochs after which committed weights are revealed. @default 1 */
  revealPeriodEpochs?: number;
  /** @default 100 */
  weightsSetRateLimit?: number;
  /** @default 0 */
  weightsVersionKey?: number;
  /** @default 1 */
  minAllowedWeights?: number;
  /** Largest share of one weight, in parts of 65535. @default 65535 */
  maxWeightsLimit?: number;
  /** @default 50 */
  servingRateLimit?: number;
  /** @default 256 */
  maxAllowedUids?: number;
  /** @default 64 */
  maxAllowedValidators?: number;
  /** @default 4096 */
  immunityPeriod?: number;
  /** What a registration costs. @default 500_000 RAO */
  burnRao?: number;
}

/** A hotkey registered from block 0. With stake it holds a validator permit from the first epoch on. */
export interface GenesisNeuron {
  netuid: number;
  hotkey: string;
  coldkey: string;
  /** @default 0 */
  stakeRao?: number;
}

/** Builds block 0 by asking the runtime, from a file of its own or the chain's, for the state that these options describe. */
export async function buildGenesis(options: GenesisOptions, runtime?: string): Promise<ArchivedBlock> {
  const code = u8aToHex(await readFile(runtime ?? new URL('runtime.wasm', import.meta.url)));
  const { result, changes } = await buildState(code, runtimeConfig(options));
  if (result[0] !== 0) throw new GenesisError(u8aToString(result.subarray(2)));
  changes[CODE] = code;
  const header: Header = {
    parentHash: ZERO_HASH,
    number: '0x0',
    stateRoot: trieRoot(withChanges(undefined, Object.entries(changes), 1)),
    extrinsicsRoot: extrinsicsRoot([]),
    digest: { logs: [] },
  };
  return { number: 0, hash: genesisHash(header), header, extrinsics: [], changes };
}

/** Builds the state; where the runtime refuses that, of the parts of the configuration that it knows: variants lack some. */
async function buildState(wasm: HexString, config: object): Promise<BuilderAnswer> {
  const call = (config: object) =>
    callGenesisBuilder(wasm, 'build_state', compactAddLength(stringToU8a(JSON.stringify(config))));
  const answer = await call(config);
  if (answer.result[0] === 0) return answer;
  const preset = await callGenesisBuilder(wasm, 'get_preset', Uint8Array.of(0));
  const known = JSON.parse(u8aToString(compactStripLength(preset.result.subarray(1))[1])) as object;
  const parts = Object.entries(config).filter(([pallet]) => pallet in known);
  return parts.length === Object.keys(config).length ? answer : call(Object.fromEntries(parts));
}

interface BuilderAnswer {
  result: Uint8Array;
  changes: ArchivedBlock['changes'];
}

async function callGenesisBuilder(wasm: HexString, method: string, argument: Uint8Array): Promise<BuilderAnswer> {
  const handler = { ...emptyTaskHandler, getStorage: () => Promise.resolve(undefined) };
  const task = { wasm, mockSignatureHost: false, allowUnresolvedImports: false, runtimeLogLevel: 0 };
  const calls: [string, HexString[]][] = [[`GenesisBuilder_${method}`, [u8aToHex(argument)]]];
  const response = await runTask({ ...task, calls }, handler);
  if ('Error' in response) throw new GenesisError(response.Error);
  return { result: hexToU8a(response.Call.result), changes: Object.fromEntries(response.Call.storageDiff) };
}

/** Options that the runtime can't build a state from. */
export class GenesisError extends SeineError {
  constructor(reason: string) {
    super('ChainGenesisInvalid', `The runtime refuses this genesis: ${reason}`, { details: { reason }, exitCode: 2 });
  }
}

/** BLAKE2-256 of the SCALE encoding of a header of block 0. */
function genesisHash(header: Header): HexString {
  const roots = [header.parentHash, compactToU8a(0), header.stateRoot, header.extrinsicsRoot, compactToU8a(0)];
  return blake2AsHex(u8aConcat(...roots), 256);
}

/** The complete configuration of the runtime, in the names of its pallets. */
function runtimeConfig(options: GenesisOptions): object {
  return {
    system: {},
    balances: { balances: options.endowed.map(({ address, rao }) => [address, safe(rao)]), devAccounts: null },
    transactionPayment: { multiplier: '1000000000000000000' },
    sudo: { key: options.sudo },
    drand: { beacon: beaconConfig(developmentBeacon(options.beacon)) },
    commitments: { maxSpace: options.maxSpace ?? 3100 },
    subtensorModule: {
      subnets: options.subnets.map(subnetConfig),
      neurons: (options.neurons ?? []).map(({ netuid, hotkey, coldkey, stakeRao }) => {
        return { netuid, hotkey, coldkey, stake: safe(stakeRao ?? 0) };
      }),
      stakeThreshold: safe(options.stakeThresholdRao ?? 0),
      networkMinLockCost: safe(options.networkLockCostRao ?? 1_000_000_000_000),
      allowLoopbackAxons: options.allowLoopbackAxons ?? true,
    },
  };
}

function subnetConfig(subnet: GenesisSubnet): object {
  return {
    netuid: subnet.netuid,
    owner: subnet.owner,
    ownerHotkey: subnet.ownerHotkey ?? subnet.owner,
    tempo: subnet.tempo ?? 360,
    maxAllowedUids: subnet.maxAllowedUids ?? 256,
    maxAllowedValidators: subnet.maxAllowedValidators ?? 64,
    immunityPeriod: subnet.immunityPeriod ?? 4096,
    burn: safe(subnet.burnRao ?? 500_000),
    servingRateLimit: subnet.servingRateLimit ?? 50,
    minAllowedWeights: subnet.minAllowedWeights ?? 1,
    maxWeightsLimit: subnet.maxWeightsLimit ?? 65535,
    weightsVersionKey: subnet.weightsVersionKey ?? 0,
    weightsSetRateLimit: subnet.weightsSetRateLimit ?? 100,
    commitRevealWeightsEnabled: subnet.commitReveal ?? false,
    revealPeriodEpochs: subnet.revealPeriodEpochs ?? 1,
  };
}

function safe(rao: number): number {
  if (!Number.isSafeInteger(rao) || rao < 0)
    throw new GenesisError(`${rao} is not a whole number of RAO up to 2^53 - 1`);
  return rao;
}
