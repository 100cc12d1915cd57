import './quiet.ts';
import { readFile } from 'node:fs/promises';
import { calculateStateRoot, emptyTaskHandler, runTask } from '@acala-network/chopsticks-core';
import {
  compactAddLength,
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

const CODE = u8aToHex(stringToU8a(':code'));
const ZERO_HASH: HexString = `0x${'0'.repeat(64)}`;
/** Root of a trie without entries: the extrinsics root of a block without extrinsics. */
const EMPTY_ROOT: HexString = '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314';

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

/** Builds block 0 by asking the runtime for the state that these options describe. */
export async function buildGenesis(options: GenesisOptions): Promise<ArchivedBlock> {
  const code = u8aToHex(await readFile(new URL('runtime.wasm', import.meta.url)));
  const config = u8aToHex(compactAddLength(stringToU8a(JSON.stringify(runtimeConfig(options)))));
  const handler = { ...emptyTaskHandler, getStorage: () => Promise.resolve(undefined) };
  const task = { wasm: code, mockSignatureHost: false, allowUnresolvedImports: false, runtimeLogLevel: 0 };
  const response = await runTask({ ...task, calls: [['GenesisBuilder_build_state', [config]]] }, handler);
  if ('Error' in response) throw new GenesisError(response.Error);
  const result = hexToU8a(response.Call.result);
  if (result[0] !== 0) throw new GenesisError(u8aToString(result.subarray(2)));

  const changes: Record<string, string | null> = { [CODE]: code };
  for (const [key, value] of response.Call.storageDiff) changes[key] = value;
  const entries = Object.entries(changes).filter((entry): entry is [HexString, HexString] => entry[1] !== null);
  const header: Header = {
    parentHash: ZERO_HASH,
    number: '0x0',
    stateRoot: await calculateStateRoot(entries, 1),
    extrinsicsRoot: EMPTY_ROOT,
    digest: { logs: [] },
  };
  return { number: 0, hash: genesisHash(header), header, extrinsics: [], changes };
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
  };
}

function safe(rao: number): number {
  if (!Number.isSafeInteger(rao) || rao < 0)
    throw new GenesisError(`${rao} is not a whole number of RAO up to 2^53 - 1`);
  return rao;
}
