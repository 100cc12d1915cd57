import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { cloneRoot } from '../../stack/parts.ts';
import { startOtherChain } from '../commit/support/other-chain.ts';
import type { OtherChain } from '../commit/support/other-chain.ts';

/*
 * Runtimes of other shapes than the newest.
 */

let dir: string;
let other: OtherChain | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-shapes-'));
});

afterEach(async () => {
  await other?.close();
  other = undefined;
});

afterAll(() => rm(dir, { recursive: true, force: true }));

async function start(variant: string): Promise<OtherChain> {
  const runtime = join(cloneRoot, 'test', 'fixtures', 'runtimes', `${variant}.wasm.zst`);
  other = await startOtherChain({ dir: join(dir, variant), runtime });
  return other;
}

describe('a chain without the Commitments pallet', () => {
  it('is refused, and what it lacks is named', async () => {
    const { endpoint } = await start('without-commitments');
    await expect(connectChain({ endpoints: [endpoint] })).rejects.toThrow(
      expect.objectContaining({
        name: 'ChainUnsupported',
        remedy: 'never',
        message: expect.stringMatching(
          /^the chain has no pallet Commitments: connect to another endpoint, or use a version of Seine/,
        ) as string,
        details: expect.objectContaining({
          shapes: expect.arrayContaining([
            expect.objectContaining({ kind: 'call', name: 'Commitments.set_commitment', found: 'no such pallet' }),
            expect.objectContaining({ kind: 'storage', name: 'Commitments.CommitmentOf' }),
            expect.objectContaining({ kind: 'event', name: 'Commitments.Commitment' }),
            expect.objectContaining({ kind: 'error', name: 'Commitments.AccountNotAllowedCommit' }),
          ]) as unknown,
        }) as unknown,
      }),
    );
  }, 60_000);
});

describe('a chain of spec 218, with one field a commitment and a limit by blocks', () => {
  it('is committed to, and its limit is kept', async () => {
    const { endpoint } = await start('max-fields-1');
    const chain = await connectChain({ endpoints: [endpoint] });
    try {
      const signer = await openDevelopmentKey({ uri: '//Alice', development: true });
      const shape = chain.shape();
      expect(shape).toMatchObject({ specVersion: 218, maxFields: 1 });
      await chain.register({ netuid: 1, hotkey: signer.address, signer });
      const { block } = await chain.commit({ netuid: 1, data: 'first', signer });
      expect(await chain.heldCommit(1, signer.address)).toMatchObject({
        kind: 'text',
        data: 'first',
        block: block.number,
      });
      if (shape.rateLimit.kind !== 'blocks') throw new Error('a limit by blocks is due');
      expect(shape.rateLimit.blocks).toBe(100);
      const refillsAtBlock = block.number + 100;
      expect(await chain.budget(1, signer.address)).toMatchObject({ usedBytes: 128, maxBytes: 128, refillsAtBlock });
      await expect(chain.commit({ netuid: 1, data: 'second', signer })).rejects.toThrow(
        expect.objectContaining({ name: 'SpaceLimitExceeded', remedy: 'wait' }),
      );
      await other?.newBlocks(refillsAtBlock - 1 - (await chain.head()).number);
      expect((await chain.commit({ netuid: 1, data: 'second', signer })).block.number).toBe(refillsAtBlock);
    } finally {
      await chain.close();
    }
  }, 180_000);
});
