import { describe, expect, it } from 'vitest';
import type { HeldCommit } from '../../src/commit/chain-port.ts';
import { SpaceLimitExceededError } from '../../src/commit/chain-errors.ts';
import { encodeCommitment } from '../../src/commit/commitment.ts';
import { publishManifest } from '../../src/commit/publisher.ts';
import { HOTKEY } from './support/example-manifest.ts';

const signer = { address: HOTKEY, sign: () => new Uint8Array(64) };
const digestOf = (seq: number): string => seq.toString(16).padStart(64, '0');
const textOf = (seq: number): string => encodeCommitment({ manifest: digestOf(seq), seq, rows: 10, locator: '' });
const request = (seq: number, manifestDigest = digestOf(seq)) => {
  return { manifestDigest, manifest: { seq, rows: 10 }, locator: '', netuid: 1 };
};

/** A chain of one hotkey with a history of commitments; each new one gets the block after the last. */
function chainWith(history: HeldCommit[], options: { registered?: number; usedBytes?: number; full?: boolean } = {}) {
  const budget = { usedBytes: options.usedBytes ?? 0, maxBytes: 3100, epoch: 1, refillsAtBlock: 500, atBlock: 400 };
  const heldCommit = (_: number, __: string, block = Infinity): Promise<HeldCommit | null> =>
    Promise.resolve(history.findLast((commit) => commit.block <= block) ?? null);
  return {
    history,
    heldCommit,
    registeredBlock: () => Promise.resolve(options.registered ?? 0),
    budget: () => Promise.resolve(budget),
    commitsIn: (netuid: number, block: number) => {
      const place = { netuid, hotkey: HOTKEY, registered: 0, uid: 0, block, blockHash: '0x', event: 3 };
      return Promise.resolve(history.filter((item) => item.block === block).map(({ data }) => ({ ...place, data })));
    },
    commit: ({ data }: { data: string }) => {
      if (options.full === true) return Promise.reject(new SpaceLimitExceededError(data.length, budget));
      let at = history.findIndex((item) => item.data === data);
      if (at < 0) at = history.push({ data, block: 10 * (history.length + 1) }) - 1;
      return Promise.resolve({ block: { number: history[at]?.block ?? 0, hash: '0x' }, event: 1 });
    },
  };
}

const past = (...seqs: number[]): HeldCommit[] => seqs.map((seq, at) => ({ data: textOf(seq), block: 10 * (at + 1) }));

describe('publishManifest', () => {
  it('commits what is not there, once', async () => {
    const chain = chainWith(past(0));
    expect(await publishManifest({ chain, signer }, request(1))).toEqual({ status: 'committed', block: 20, event: 1 });
    expect(await publishManifest({ chain, signer }, request(1))).toEqual({ status: 'committed', block: 20, event: 1 });
    expect(chain.history).toHaveLength(2);
  });

  it('finds a commitment under later ones', async () => {
    const chain = chainWith(past(0, 1, 2, 3));
    expect(await publishManifest({ chain, signer }, request(1))).toEqual({ status: 'committed', block: 20, event: 3 });
    expect(chain.history).toHaveLength(4);
  });

  it('says when the budget is there again, and sends nothing', async () => {
    const chain = chainWith(past(0), { usedBytes: 3050 });
    expect(await publishManifest({ chain, signer }, request(1))).toEqual({
      status: 'waiting',
      refillsAtBlock: 500,
      usedBytes: 3050,
      maxBytes: 3100,
      why: expect.stringMatching(/3050 of 3100 bytes are used.*from block 500 on/) as string,
    });
    expect(chain.history).toHaveLength(1);
  });

  it('waits too when the budget went while it sent', async () => {
    const chain = chainWith(past(0), { full: true });
    expect(await publishManifest({ chain, signer }, request(1))).toMatchObject({
      status: 'waiting',
      refillsAtBlock: 500,
    });
  });

  it.each([
    ['another manifest with its seq', request(1, 'f'.repeat(64)), past(0, 1)],
    ['a later manifest without it', request(1, 'f'.repeat(64)), past(0, 2)],
    ['a later one as the first', request(0), past(4)],
  ])('refuses where the chain holds %s', async (_, wrong, history) => {
    const chain = chainWith(history);
    const before = history.length;
    await expect(publishManifest({ chain, signer }, wrong)).rejects.toThrow(
      expect.objectContaining({ name: 'SequenceConflict', remedy: 'never' }),
    );
    expect(chain.history).toHaveLength(before);
  });

  it('starts anew after a new registration, and after commitments of other tools', async () => {
    expect(await publishManifest({ chain: chainWith(past(4), { registered: 15 }), signer }, request(0))).toMatchObject({
      status: 'committed',
      block: 20,
    });
    const legacy = chainWith([{ data: 'https://example.com/dataset', block: 10 }]);
    expect(await publishManifest({ chain: legacy, signer }, request(0))).toMatchObject({ status: 'committed' });
  });
});
