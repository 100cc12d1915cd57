import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SampledRow } from '../../activities/examine.ts';
import { createStatementActivities } from '../../activities/statements.ts';
import { createWithdrawActivities } from '../../activities/withdraw.ts';
import type { Neuron } from '../../src/commit/chain-port.ts';
import type { JudgedCommit, JudgedCommits } from '../../src/commit/judged-commits.ts';
import { mayAsk } from '../../src/commit/mirror.ts';
import { createStatements, isStatementKind } from '../../src/commit/statements.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { Digest } from '../../src/core/manifest.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { recordKey } from '../../src/dedup/identities.ts';
import { startObjectServer } from '../../src/net/object-server.ts';
import type { ObjectServer } from '../../src/net/object-server.ts';
import { createSeenIds } from '../../src/net/seen-ids.ts';
import type { EvidenceMiner } from '../../src/scoring/evidence.ts';
import { sampleRecord } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { RedisServers } from '../support/redis-servers.ts';
import { blockTimeUs, createTestValidator, NETUID, WANTED } from '../support/test-validator.ts';
import type { TestValidator } from '../support/test-validator.ts';

/*
 * What validators tell each other, by real servers and real signatures; who is registered with which stake is stated here.
 */

const dir = tempDir();
const rows = Array.from({ length: 6 }, (_, at) => sampleRecord(at));
const epoch = { index: 3, start: 5, end: 20 };
const seedBlock = { number: 40, hash: '40' };
const neurons: Neuron[] = [];
const servers: ObjectServer[] = [];
let redis: RedisServers;
let index: Redis;
let state: Redis;

beforeAll(async () => {
  redis = await startRedisServers(2);
  [index, state] = redis.ports.map((port) => new Redis(port, '127.0.0.1')) as [Redis, Redis];
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  index.disconnect();
  state.disconnect();
  await redis.stop();
});

const chain = {
  metagraph: () => Promise.resolve(neurons),
  timestamp: (hash: string) => Promise.resolve(blockTimeUs(Number(hash))),
};

/** What a page shows now, by the row's id; every other shows what was committed. */
type Shown = Record<string, string>;

type Speaking = Awaited<ReturnType<typeof newValidator>>;

async function newValidator(name: string, stake: bigint, shown: Shown = {}) {
  const validator = await createTestValidator({ index, state, dir: join(dir, name), uri: `//${name}` });
  const { signer, owners, log, mirror, store } = validator;
  const statements = createStatements({ redis: state, signer, netuid: NETUID });
  const server = await startObjectServer({
    ...{ host: '127.0.0.1', port: 0, hotkey: signer.address, log: () => undefined },
    seen: createSeenIds({ redis: state, hotkey: signer.address, now: Date.now }),
    mayServe: () => Promise.resolve({ allowed: false, reason: 'not_served', status: 404 }),
    open: () => Promise.resolve(null),
    statements: {
      mayAsk: (caller) => mayAsk(chain, NETUID, caller),
      text: (kind, of) => (isStatementKind(kind) ? statements.text(kind, of) : Promise.resolve(null)),
    },
  });
  servers.push(server);
  neurons.push({
    ...{ uid: neurons.length, hotkey: signer.address, coldkey: signer.address, registered: 0, lastUpdate: 0 },
    ...{ axon: { ip: '127.0.0.1', port: server.port }, validatorPermit: true, stake },
  });
  const judged: JudgedCommits = {
    judge: (commit, judgement) => {
      validator.judged.set(`${commit.block}-${commit.event}`, { ...commit, judgement });
      return Promise.resolve();
    },
    between: (start, end) =>
      Promise.resolve([...validator.judged.values()].filter(({ block }) => block > start && block <= end)),
  };
  const deps = {
    ...{ chain, signer, netuid: NETUID, store, judged, owners, log, statements, mirror },
    ...{ isAllowedPeer: () => true, heartbeat: () => undefined, patienceMs: 3000 },
  };
  const speak = createStatementActivities(deps);
  const withdraw = createWithdrawActivities({
    ...deps,
    respot: (row) =>
      Promise.resolve({
        outcome: 'shown',
        record: { ...row, text: shown[row.id] ?? row.text },
        ...{ lastModified: row.scraped_at - 90_000_000_000, differs: null },
      }),
    ...{ wanted: WANTED, needsBrowser: () => false, sampleRows: 30 },
  });
  return { ...validator, statements, ...speak, ...withdraw };
}

/** Findings about a miner whose whole commitment was drawn, with what the checks of some rows gave. */
async function findings(
  { store }: TestValidator,
  commit: JudgedCommit,
  verdicts: EvidenceMiner['verdicts'],
): Promise<Digest> {
  const { block, event, hotkey, registered } = commit;
  const claim = { block, event, hotkey, registered };
  const sample = rows.map((row): SampledRow => ({ row, claim, pay: null, committedAtUs: blockTimeUs(block) }));
  const put = (value: unknown): Promise<Digest> => store.put(new TextEncoder().encode(JSON.stringify(value)));
  return await put({ hotkey, registered, sample: await put(sample), verdicts });
}

const ownersBy = async ({ owners }: TestValidator, of: readonly DataRecord[]): Promise<(string | null)[]> =>
  (await owners.record.ownersOf(of.map(({ id }) => recordKey(id)))).map((claim) => claim?.hotkey ?? null);

describe('rows that one validator found invalid', () => {
  const [changed, moody] = [rows[0]!.id, rows[1]!.id];
  let one: Speaking;
  let other: Speaking;

  beforeAll(async () => {
    neurons.length = 0;
    one = await newValidator('One', 10n);
    // This one sees the first row's page changed too, and the second's as it was committed.
    other = await newValidator('Other', 10n, { [changed]: 'Something else altogether, to anyone who looks.' });
    for (const validator of [one, other]) {
      const first = await validator.take({ hotkey: '5First', block: 10 }, rows);
      await validator.take({ hotkey: '5Second', block: 11 }, rows.slice(0, 3));
      const invalid = (id: string) => ({ id, verdict: 'invalid' as const, reason: 'text_differs' });
      const verdicts = validator === one ? [invalid(changed), invalid(moody)] : [];
      await validator.sayInvalid({ epoch, seedBlock, findings: [await findings(validator, first, verdicts)] });
    }
  });

  it('keep their owner on its word alone', async () => {
    expect(await one.withdrawInvalid({ epoch: 3 })).toEqual({ rows: 0, commits: 0 });
    expect(await ownersBy(one, rows)).toEqual(rows.map(() => '5First'));
  });

  it('go to whoever claimed them next once another validator has looked and finds so too, on both alike', async () => {
    expect(await other.confirmInvalid({ epoch: 3, queue: 'http' })).toEqual({ confirmed: 1 });
    for (const validator of [one, other, one]) {
      expect(await validator.withdrawInvalid({ epoch: 3 })).toEqual({ rows: 1, commits: 0 });
      expect(await ownersBy(validator, rows)).toEqual(['5Second', ...rows.slice(1).map(() => '5First')]);
    }
    expect(await one.owners.snapshotDigest()).toEqual(await other.owners.snapshotDigest());
    const entries = [];
    for await (const { note } of one.log.entries()) if (note.kind === 'withdrawn') entries.push(note);
    expect(entries).toMatchObject([{ rows: [{ id: changed }], reason: 'invalid', at: blockTimeUs(40) }]);
  });

  it('stay with that owner when the index is lost and rebuilt', async () => {
    const before = await one.owners.snapshotDigest();
    await index.flushall();
    await one.rebuild();
    expect(await one.owners.snapshotDigest()).toEqual(before);
  });
});

describe('a commitment of which hardly anything holds', () => {
  it('falls whole, the rows that nobody drew included, and stays fallen when the index is rebuilt', async () => {
    neurons.length = 0;
    const validators = [await newValidator('Third', 10n), await newValidator('Fourth', 20n)];
    for (const validator of validators) {
      const squat = await validator.take({ hotkey: '5Squatter', block: 14 }, rows);
      await validator.take({ hotkey: '5Honest', block: 15 }, rows);
      const drawn = rows.slice(0, 5);
      const verdicts = drawn.map(({ id }) => ({ id, verdict: 'gone' as const, reason: 'not_found' }));
      await validator.sayInvalid({ epoch, seedBlock, findings: [await findings(validator, squat, verdicts)] });
      expect(await ownersBy(validator, rows)).toEqual(rows.map(() => '5Squatter'));
    }
    for (const validator of validators) {
      for (let times = 0; times < 2; times += 1) {
        expect(await validator.withdrawInvalid({ epoch: 3 })).toEqual({ rows: 0, commits: 1 });
      }
      expect(await ownersBy(validator, rows)).toEqual(rows.map(() => '5Honest'));
      expect(validator.judged.get('14-0')?.judgement).toEqual({ status: 'rejected', reason: 'mostly_invalid' });
    }
    const [one, other] = validators as [Speaking, Speaking];
    const before = await one.owners.snapshotDigest();
    expect(await other.owners.snapshotDigest()).toEqual(before);
    await index.flushall();
    await one.rebuild();
    expect(await one.owners.snapshotDigest()).toEqual(before);
  });
});

describe('a commitment that one validator had and another had not', () => {
  it('is void, or had, for all of them as the larger part of the stake has it', async () => {
    neurons.length = 0;
    const [small, large] = [await newValidator('Small', 10n), await newValidator('Large', 30n)];
    const had = await small.take({ hotkey: '5Served', block: 12 }, rows.slice(0, 2));
    const later = await large.take({ hotkey: '5Kept', block: 13 }, rows);
    const without = { status: 'void' as const, reason: 'PeerUnreachable' };
    large.judged.set('12-0', { ...had, judgement: without });
    small.judged.set('13-0', { ...later, judgement: without });

    const [bySmall, byLarge] = await Promise.all(
      [small, large].map((validator) => validator.reconcileAvailability({ epoch, seedBlock })),
    );
    expect(byLarge).toEqual({ missed: [], voided: 0 });
    const { block, event, hotkey, manifest } = later;
    expect(bySmall).toMatchObject({ missed: [{ block, event, hotkey, manifest }], voided: 1 });
    expect(small.judged.get('12-0')?.judgement).toEqual({ status: 'void', reason: 'stake_majority' });
    expect(await ownersBy(small, rows.slice(0, 2))).toEqual([null, null]);
    // Once the one that was missed is collected, both have the same owners.
    await small.take({ hotkey: '5Kept', block: 13 }, rows);
    expect(await small.owners.snapshotDigest()).toEqual(await large.owners.snapshotDigest());
  });

  it('stands where the others say nothing, or nothing that they signed', async () => {
    neurons.length = 0;
    const [alone, mute] = [await newValidator('Alone', 10n), await newValidator('Mute', 30n)];
    await alone.take({ hotkey: '5Served', block: 12 }, rows.slice(0, 2));
    const forged = { version: 1, kind: 'availability', netuid: NETUID, validator: mute.signer.address, epoch: 3 };
    const commits = [{ block: 12, event: 0, manifest: 'ab'.repeat(32), available: false }];
    await state.hset(
      `seine:{${mute.signer.address}}:statements:${NETUID}`,
      'availability:3',
      canonicalJson({ ...forged, commits, signature: '00'.repeat(64) }),
    );
    expect(await alone.reconcileAvailability({ epoch, seedBlock })).toEqual({ missed: [], voided: 0 });
    expect(alone.judged.get('12-0')?.judgement.status).toBe('accepted');
  });
});
