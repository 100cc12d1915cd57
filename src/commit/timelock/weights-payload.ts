import { compactFromU8aLim, compactToU8a, u8aConcat } from '@polkadot/util';
import type { Beacon } from '../../core/drand/beacon.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { encryptFor } from './encrypt.ts';

/** What `commit_timelocked_weights` version 4 hides. */
export interface WeightsPayload {
  /** Public key of the hotkey that commits, 32 bytes: the chain drops what another hotkey sends. */
  hotkeyPublicKey: Uint8Array;
  /** u16 each. */
  uids: readonly number[];
  /** u16 each, as many as uids. */
  values: readonly number[];
  /** u64. */
  versionKey: bigint;
}

/** `commit_reveal_version` of the call that takes this payload. */
export const COMMIT_REVEAL_VERSION = 4;

/** Bytes that `commit_timelocked_weights` takes. */
export const MAX_COMMIT_BYTES = 5000;

/**
 * A validator's weights, encrypted to a round for `commit_timelocked_weights`. InvalidInputError for what is no payload, or where the
 * ciphertext would be longer than the call takes (about 1,170 uids).
 */
export function encryptWeights({
  beacon,
  round,
  ...payload
}: WeightsPayload & { beacon: Beacon; round: number }): Uint8Array {
  const commit = encryptFor(beacon, round, encodeWeights(payload));
  if (commit.length > MAX_COMMIT_BYTES) {
    throw new InvalidInputError(
      `the weights of ${payload.uids.length} uids take ${commit.length} bytes encrypted, the chain takes ${MAX_COMMIT_BYTES}: set fewer`,
      { bytes: commit.length, maxBytes: MAX_COMMIT_BYTES, uids: payload.uids.length },
    );
  }
  return commit;
}

/** SCALE of Subtensor's `WeightsTlockPayload {hotkey: Vec<u8>, uids: Vec<u16>, values: Vec<u16>, version_key: u64}`. */
export function encodeWeights(payload: WeightsPayload): Uint8Array {
  const { hotkeyPublicKey, uids, values, versionKey } = payload;
  if (hotkeyPublicKey.length !== KEY_BYTES) {
    throw new InvalidInputError(`a hotkey has ${KEY_BYTES} bytes, not ${hotkeyPublicKey.length}`);
  }
  if (uids.length !== values.length) {
    throw new InvalidInputError(`${uids.length} uids have ${values.length} values`);
  }
  const strange = [...uids, ...values].find((number) => !Number.isInteger(number) || number < 0 || number > 0xffff);
  if (strange !== undefined) throw new InvalidInputError(`${strange} is no u16, as uids and weights are`);
  if (versionKey !== BigInt.asUintN(64, versionKey)) throw new InvalidInputError(`version key ${versionKey} is no u64`);
  return write(payload);
}

/** Reads a decrypted payload; InvalidInputError for anything that `encodeWeights` does not write. */
export function decodeWeights(bytes: Uint8Array): WeightsPayload {
  const hotkeyAt = startAfterCount(bytes, 0);
  const uidsAt = startAfterCount(bytes, hotkeyAt.start + hotkeyAt.count);
  const valuesAt = startAfterCount(bytes, uidsAt.start + 2 * uidsAt.count);
  const end = valuesAt.start + 2 * valuesAt.count;
  if (bytes.length !== end + 8) throw notWeights(bytes);
  const data = Buffer.from(bytes);
  const payload = {
    hotkeyPublicKey: new Uint8Array(data.subarray(hotkeyAt.start, hotkeyAt.start + hotkeyAt.count)),
    uids: u16List(data, uidsAt),
    values: u16List(data, valuesAt),
    versionKey: data.readBigUInt64LE(end),
  };
  // There is one spelling of each: a count may also be written in more bytes than it needs.
  if (!data.equals(write(payload)) || hotkeyAt.count !== KEY_BYTES || uidsAt.count !== valuesAt.count) {
    throw notWeights(bytes);
  }
  return payload;
}

function write({ hotkeyPublicKey, uids, values, versionKey }: WeightsPayload): Uint8Array {
  const version = Buffer.alloc(8);
  version.writeBigUInt64LE(versionKey);
  return u8aConcat(
    compactToU8a(hotkeyPublicKey.length),
    hotkeyPublicKey,
    compactToU8a(uids.length),
    u16Bytes(uids),
    compactToU8a(values.length),
    u16Bytes(values),
    version,
  );
}

interface List {
  start: number;
  count: number;
}

function startAfterCount(bytes: Uint8Array, offset: number): List {
  const first = bytes[offset];
  // Counts of 2^30 and more begin with 3.
  if (first === undefined || first % 4 === 3) throw notWeights(bytes);
  const [size, count] = compactFromU8aLim(bytes.subarray(offset));
  const start = offset + size;
  if (start + count > bytes.length) throw notWeights(bytes);
  return { start, count };
}

function u16Bytes(numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(2 * numbers.length);
  numbers.forEach((number, index) => bytes.writeUInt16LE(number, 2 * index));
  return bytes;
}

function u16List(bytes: Buffer, { start, count }: List): number[] {
  return Array.from({ length: count }, (_, index) => bytes.readUInt16LE(start + 2 * index));
}

function notWeights(bytes: Uint8Array): InvalidInputError {
  return new InvalidInputError(
    `${bytes.length} bytes are no weights of commit-reveal version ${COMMIT_REVEAL_VERSION}`,
  );
}

const KEY_BYTES = 32;
