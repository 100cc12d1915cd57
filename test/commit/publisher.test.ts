import { describe, expect, it } from 'vitest';
import type { HeldCommit } from '../../src/commit/chain-port.ts';
import { ChainStateDiscardedError, SpaceLimitExceededError } from '../../src/commit/chain-errors.ts';
import { decodeCommitment, encodeCommitment } from '../../src/commit/commitment.ts';
import { publishQueue } from '../../src/commit/publisher.ts';
import type { QueuedManifest } from '../../src/commit/standing-commits.ts';
import { HOTKEY } from './support/example-manifest.ts';

const TEXT = { kind: 'text', round: null } as const;
const signer = { address: HOTKEY, sign: () => new Uint8Array(64) };
const digestOf = (seq: number): string => seq.toString(16).padStart(64, '0');
const textOf = (seq: number): string => encodeCommitment({ manifest: digestOf(seq), seq, rows: 10, locator: '' });
const sealed = (seq: number, digest = digestOf(seq)): QueuedManifest => ({ digest, seq, rows: 10 });
const request = (...queue: QueuedManifest[]) => ({ queue, locator: '', netuid: 1, maxUnanchored: 8 });
const legacy = (block: number): HeldCommit => ({ ...TEXT, data: 'https://example.com/dataset', block });

interface Options {
  registered?: number;
  usedBytes?: number;
  full?: boolean;
  discardedBefore?: number;
}

/** A chain of one hotkey with a history of commitments; each new one gets the block after the last. */
function chainWith(history: HeldCommit[], options: Options = {}) {
  const budget = { usedBytes: options.usedBytes ?? 0, maxBytes: 3100, epoch: 1, refillsAtBlock: 500, atBlock: 400 };
  const heldCommit = (_: number, __: string, block = Infinity): Promise<HeldCommit | null> => {
    if (block < (options.discardedBefore ?? 0)) return Promise.reject(new ChainStateDiscardedError(block));
    return Promise.resolve(history.findLast((commit) => commit.block <= block) ?? null);
  };
  return {
    history,
    heldCommit,
    registeredBlock: () => Promise.resolve(options.registered ?? 0),
    finalized: () => Promise.resolve({ number: history.at(-1)?.block ?? 0, hash: '0x' }),
    budget: () => Promise.resolve(budget),
    commitsIn: (netuid: number, block: number) => {
      const place = { ...TEXT, netuid, hotkey: HOTKEY, registered: 0, uid: 0, block, blockHash: '0x', event: 3 };
      return Promise.resolve(history.filter((item) => item.block === block).map(({ data }) => ({ ...place, data })));
    },
    commit: ({ data }: { data: string }) => {
      if (options.full === true) return Promise.reject(new SpaceLimitExceededError(data.length, budget));
      const newest = history.at(-1);
      const block = newest?.data === data ? newest.block : 10 * (history.length + 1);
      if (newest?.data !== data) history.push({ ...TEXT, data, block });
      return Promise.resolve({ block: { number: block, hash: '0x' }, event: 3 });
    },
  };
}

const past = (...seqs: number[]): HeldCommit[] =>
  seqs.map((seq, at) => ({ ...TEXT, data: textOf(seq), block: 10 * (at + 1) }));
const committed = (...anchored: { seq: number; anchor: number; block: number }[]) => ({
  status: 'committed',
  anchored: anchored.map(({ seq, anchor, block }) => {
    return { digest: digestOf(seq), anchor: digestOf(anchor), block, event: 3 };
  }),
});

describe('publishQueue', () => {
  it('commits what is not there, once', async () => {
    const chain = chainWith(past(0));
    const expected = committed({ seq: 1, anchor: 1, block: 20 });
    expect(await publishQueue({ chain, signer }, request(sealed(1)))).toEqual(expected);
    expect(await publishQueue({ chain, signer }, request(sealed(1)))).toEqual(expected);
    expect(chain.history).toHaveLength(2);
  });

  it('anchors nine by the newest of them, and leaves the tenth', async () => {
    const chain = chainWith(past(0));
    const queue = Array.from({ length: 10 }, (_, at) => sealed(at + 1));
    const nine = queue.slice(0, 9).map(({ seq }) => ({ seq, anchor: 9, block: 20 }));
    expect(await publishQueue({ chain, signer }, request(...queue))).toEqual(committed(...nine));
    expect(chain.history.map(({ data }) => decodeCommitment(data))).toMatchObject([{ seq: 0 }, { seq: 9 }]);
  });

  it('gives what an interrupted try anchored its own block, and commits only the rest', async () => {
    // A try that anchored 1 and 2 was cut off; 3 and 4 have been sealed since.
    const chain = chainWith(past(0, 2));
    const queue = [1, 2, 3, 4].map((seq) => sealed(seq));
    const first = await publishQueue({ chain, signer }, request(...queue));
    expect(first).toEqual(committed({ seq: 1, anchor: 2, block: 20 }, { seq: 2, anchor: 2, block: 20 }));
    expect(chain.history).toHaveLength(2);
    const rest = await publishQueue({ chain, signer }, request(...queue.slice(2)));
    expect(rest).toEqual(committed({ seq: 3, anchor: 4, block: 30 }, { seq: 4, anchor: 4, block: 30 }));
  });

  it('tells two anchors apart when both landed', async () => {
    const chain = chainWith(past(0, 2, 4));
    const queue = [1, 2, 3, 4].map((seq) => sealed(seq));
    const [two, four] = [
      { anchor: 2, block: 20 },
      { anchor: 4, block: 30 },
    ] as const;
    expect(await publishQueue({ chain, signer }, request(...queue))).toEqual(
      committed({ seq: 1, ...two }, { seq: 2, ...two }, { seq: 3, ...four }, { seq: 4, ...four }),
    );
    expect(chain.history).toHaveLength(3);
  });

  it('finds a commitment under later ones, of whatever tool', async () => {
    const chain = chainWith(past(0, 1, 2, 3));
    expect(await publishQueue({ chain, signer }, request(sealed(1)))).toEqual(
      committed({ seq: 1, anchor: 1, block: 20 }),
    );
    const under = chainWith([...past(0, 1), legacy(30)]);
    expect(await publishQueue({ chain: under, signer }, request(sealed(1)))).toEqual(
      committed({ seq: 1, anchor: 1, block: 20 }),
    );
    expect(under.history).toHaveLength(3);
  });

  it('does not need states that nodes discard', async () => {
    const chain = chainWith([...past(0), legacy(20)], { discardedBefore: 20 });
    expect(await publishQueue({ chain, signer }, request(sealed(1)))).toEqual(
      committed({ seq: 1, anchor: 1, block: 30 }),
    );
  });

  it('keeps the text of a commitment that is there, though the locator has changed since', async () => {
    const chain = chainWith(past(0, 1));
    const moved = { ...request(sealed(1)), locator: 'hf:user/repo' };
    expect(await publishQueue({ chain, signer }, moved)).toEqual(committed({ seq: 1, anchor: 1, block: 20 }));
    expect(chain.history).toHaveLength(2);
  });

  it('says when the budget is there again, and sends nothing', async () => {
    const chain = chainWith(past(0), { usedBytes: 3050 });
    expect(await publishQueue({ chain, signer }, request(sealed(1)))).toEqual({
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
    expect(await publishQueue({ chain, signer }, request(sealed(1)))).toMatchObject({
      status: 'waiting',
      refillsAtBlock: 500,
    });
  });

  it.each([
    ['another manifest with its seq', sealed(1, 'f'.repeat(64)), past(0, 1)],
    ['a later manifest without it', sealed(1, 'f'.repeat(64)), past(0, 2)],
    ['a later one as the first', sealed(0), past(4)],
  ])('refuses where the chain holds %s', async (_, wrong, history) => {
    const chain = chainWith(history);
    const before = history.length;
    await expect(publishQueue({ chain, signer }, request(wrong))).rejects.toThrow(
      expect.objectContaining({ name: 'SequenceConflict', remedy: 'never' }),
    );
    expect(chain.history).toHaveLength(before);
  });

  it('starts anew after a new registration, and after commitments of other tools', async () => {
    const again = chainWith(past(4), { registered: 15 });
    expect(await publishQueue({ chain: again, signer }, request(sealed(0)))).toEqual(
      committed({ seq: 0, anchor: 0, block: 20 }),
    );
    const other = chainWith([legacy(10)]);
    expect(await publishQueue({ chain: other, signer }, request(sealed(0)))).toMatchObject({ status: 'committed' });
  });
});
