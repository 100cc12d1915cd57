import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEvidenceLog } from '../../src/commit/evidence-log.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { useCli } from '../cli/run.ts';
import { useOwnRedis } from '../support/own-redis.ts';

const { folder, run } = useCli();
const { redis, url } = useOwnRedis();

it('seine score list says where the evidence of each epoch lies, and which weights are not set yet', async () => {
  const seed = '//Listed';
  const { address: hotkey } = await openDevelopmentKey({ uri: seed, development: true });
  const env = {
    ...{ SEINE_HOME: folder(), SEINE_DEV: 'true', SEINE_NETUID: '7', SEINE_WALLET_DEV_SEED: seed },
    REDIS_INDEX_URL: url(),
  };
  const none = await run(['score', 'list'], env);
  expect([none.exitCode, none.stdout]).toEqual([0, expect.stringContaining('no epoch of subnet 7') as string]);

  const store = createFileStore(join(folder(), 'operators', hotkey.slice(0, 8), 'objects'));
  const log = createEvidenceLog({ redis: redis(), hotkey, netuid: 7 });
  const kept = await store.put(new TextEncoder().encode('{"epoch":1}'));
  await log.record(1, kept);
  await log.weightsSet(1, 42);
  await log.record(2, 'f'.repeat(64));

  const { stdout } = await run(['score', 'list', '--json'], env);
  const { epochs } = JSON.parse(stdout) as { epochs: { file: string | null }[] };
  expect(epochs).toMatchObject([
    { epoch: 1, digest: kept, weights_block: 42 },
    { epoch: 2, weights_block: null, file: null },
  ]);
  expect(readFileSync(epochs[0]?.file ?? '', 'utf8')).toBe('{"epoch":1}');
});
