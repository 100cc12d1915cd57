import { compactFromU8aLim, u8aConcat } from '@polkadot/util';
import { decodeAddress, xxhashAsU8a } from '@polkadot/util-crypto';
import { ProofInvalidError } from './errors.ts';

/** Where storage has a hotkey's commitment: `Commitments.CommitmentOf`, keyed by Identity(netuid) and Twox64Concat(account). */
export function commitmentKey(netuid: number, hotkey: string): Uint8Array {
  const account = decodeAddress(hotkey);
  const subnet = new Uint8Array(2);
  new DataView(subnet.buffer).setUint16(0, netuid, true);
  const item = [xxhashAsU8a('Commitments', 128), xxhashAsU8a('CommitmentOf', 128)];
  return u8aConcat(...item, subnet, xxhashAsU8a(account, 64), account);
}

/**
 * What a stored commitment says: SCALE of `Registration {deposit: u64, block: u32, info: {fields: Vec<Data>}}`, as all runtimes so far have
 * it. Data is told by its first byte: 0 nothing, 1 to 129 Raw of that many bytes less one, 130 to 133 hashes of 32 bytes, 134 time-locked
 * bytes and a round (u64), 135 a flag, 136 BigRaw. Throws ProofInvalidError for anything else.
 */
export function readStoredCommitment(value: Uint8Array): { block: number; data: string } {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  let at = 12;
  const take = (count: number): Uint8Array => {
    if (at + count > value.length) throw new ProofInvalidError('the commitment ends early');
    at += count;
    return value.subarray(at - count, at);
  };
  const compact = (): number => {
    const first = value[at];
    if (first === undefined || (first & 3) === 3) throw new ProofInvalidError('a length in the commitment is none');
    const [size, length] = compactFromU8aLim(value.subarray(at));
    take(size);
    return length;
  };
  const text: Uint8Array[] = [];
  if (value.length < at) throw new ProofInvalidError('the commitment ends early');
  for (let left = compact(); left > 0; left--) {
    const kind = take(1)[0] ?? 0;
    if (kind >= 1 && kind <= 129) text.push(take(kind - 1));
    else if (kind >= 130 && kind <= 133) take(32);
    else if (kind === 134) take(compact() + 8);
    else if (kind === 136) text.push(take(compact()));
    else if (kind !== 0 && kind !== 135) throw new ProofInvalidError(`a field of kind ${kind} is unknown`);
  }
  if (at !== value.length) throw new ProofInvalidError('the commitment has bytes left over');
  return { block: view.getUint32(8, true), data: Buffer.concat(text).toString('utf8') };
}
