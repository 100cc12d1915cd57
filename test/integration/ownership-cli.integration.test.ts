import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addIndexCommands } from '../../src/cli/commands/index.ts';
import { createAct } from '../../src/cli/session.ts';
import { verifiedEntries } from '../../src/commit/verdict-log/entry.ts';
import { sampleRecord } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';
import type { RedisServers } from '../support/redis-servers.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { TestValidator } from '../support/test-validator.ts';
import { createTestValidator, NETUID } from '../support/test-validator.ts';

const dir = tempDir();
let servers: RedisServers;
let redis: Redis;
let validator: TestValidator;

beforeAll(async () => {
  servers = await startRedisServers(1);
  redis = new Redis(servers.ports[0]!, '127.0.0.1');
  validator = await createTestValidator({ index: redis, state: redis, dir: join(dir, 'validator'), uri: '//Indexed' });
  const rows = [0, 1, 2].map((number) => sampleRecord(number));
  const first = await validator.take({ hotkey: '5Ada', block: 10 }, rows);
  await validator.take({ hotkey: '5Bob', block: 11 }, rows.slice(1));
  await validator.withdraw(first, null, 1_800_000_000_000_000);
});

afterAll(async () => {
  redis.disconnect();
  await servers.stop();
});

/** Runs `seine index …` by itself; gives its JSON. */
async function run(...args: string[]): Promise<unknown> {
  let text = '';
  const url = `redis://127.0.0.1:${servers.ports[0]}`;
  const context = {
    env: {
      ...{ SEINE_HOME: dir, SEINE_DEV: 'true', SEINE_NETUID: String(NETUID), SEINE_WALLET_DEV_SEED: '//Indexed' },
      ...{ REDIS_INDEX_URL: url, REDIS_STATE_URL: url },
    },
    ...{ cwd: dir, clone: dir },
    stdout: { write: (part: string) => (text += part) },
    stderr: { write: () => undefined },
    terminal: { ask: () => Promise.resolve(null) } as never,
    interrupt: () => new AbortController().signal,
  };
  const program = new Command('seine').option('--json').exitOverride();
  addIndexCommands(
    program,
    createAct(context, () => undefined),
  );
  await program.parseAsync(['index', ...args, '--json'], { from: 'user' });
  return JSON.parse(text);
}

describe('seine index', () => {
  it('stats tells how much there is, and the digest of all owners', async () => {
    const { digest } = await validator.owners.snapshotDigest();
    expect(await run('stats', '--digest')).toMatchObject({
      hotkey: validator.signer.address,
      kinds: { record: { keys: 3 } },
      ...{ claims: 2, withdrawn: 1, log_entries: 3, digest },
    });
  });

  it('export writes a log that anyone can check, and overwrites nothing', async () => {
    const file = join(dir, 'log.jsonl');
    expect(await run('export', file)).toEqual({ entries: 3, file });
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const kinds: string[] = [];
    const expected = { netuid: NETUID, validator: validator.signer.address };
    for await (const { note } of verifiedEntries(lines, expected)) kinds.push(note.kind);
    expect(kinds).toEqual(['judged', 'judged', 'withdrawn']);
    await expect(run('export', file)).rejects.toThrow('EEXIST');
  });
});
