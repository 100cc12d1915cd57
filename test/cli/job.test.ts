import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJobVote } from '../../src/commit/job-vote.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { signJson } from '../../src/commit/signed-json.ts';
import { loadSettings } from '../../src/config/load.ts';
import { votedJobs } from '../../src/cli/roots/voted-jobs.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { WantedList } from '../../src/core/wanted.ts';
import { useCli } from './run.ts';

const { run, folder } = useCli();
const env = { SEINE_WANTED_FILE: 'wanted.json' };
const keyed = { ...env, SEINE_DEV: '1', SEINE_WALLET_DEV_SEED: '//Voter' };
const file = (): string => join(folder(), 'wanted.json');
const written = (): WantedList => JSON.parse(readFileSync(file(), 'utf8')) as WantedList;

const job = (id: string) => ({
  ...{ id, source: 'web' as const, seeds: [], hosts: [`${id}.example`], allow_private: [], max_pages: 10 },
  ...{ pool: 'data', weight_ppm: 1_000_000 },
});
const twoJobs = (): void => writeFileSync(file(), JSON.stringify({ version: 1, jobs: [job('docs'), job('other')] }));

describe('seine job list', () => {
  it('shows the jobs and the digest that is pinned, without a chain where nobody votes', async () => {
    twoJobs();
    const { exitCode, stdout } = await run(['job', 'list'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^docs +1 +data +always +docs\.example/m);
    const shown = JSON.parse((await run(['job', 'list', '--json'], env)).stdout) as { digest: string; jobs: unknown[] };
    expect(shown.digest).toBe(sha256Hex(canonicalJson(written())));
    expect(shown.jobs[1]).toMatchObject({ id: 'other', list_weight_ppm: 1_000_000, valid_now: true });
  });

  it('says when a job is over', async () => {
    const old = { ...job('old'), from: '2020-01-01', until: '2020-02-01' };
    writeFileSync(file(), JSON.stringify({ version: 1, jobs: [old] }));
    const { stdout } = await run(['job', 'list', '--json'], env);
    expect(JSON.parse(stdout)).toMatchObject({ jobs: [{ id: 'old', valid_now: false }] });
    expect((await run(['job', 'list'], env)).stdout).toContain('from 2020-01-01 until 2020-02-01');
  });

  it('ends with 2 without a list', async () => {
    expect((await run(['job', 'list'])).exitCode).toBe(2);
    expect((await run(['job', 'list'], env)).exitCode).toBe(2);
  });
});

describe('seine job add', () => {
  it('makes a list and adds to it, leaving the others as they are', async () => {
    expect((await run(['job', 'add', 'docs', '--host', 'docs.example'], env)).exitCode).toBe(0);
    const [first] = written().jobs;
    const more = [
      '--from',
      '2026-07-01',
      '--until',
      '2026-08-01T12:00:00Z',
      '--weight',
      '2000000',
      '--query',
      'a b',
      '--source',
      'hackernews',
    ];
    expect(
      (await run(['job', 'add', 'two', '--host', 'a.example', '--host', 'b.example', ...more], env)).exitCode,
    ).toBe(0);
    expect(written().jobs).toEqual([
      first,
      {
        ...job('two'),
        ...{
          source: 'hackernews',
          hosts: ['a.example', 'b.example'],
          max_pages: 1000,
          weight_ppm: 2_000_000,
          queries: ['a b'],
        },
        ...{ from: '2026-07-01', until: '2026-08-01T12:00:00Z' },
      },
    ]);
    expect(readdirSync(folder())).toEqual(['wanted.json']);
  });

  it('says all that is wrong at once, and writes nothing', async () => {
    twoJobs();
    const before = written();
    const wrong = ['--host', 'a/b', '--seed', 'ftp://x.example', '--from', '2026-07-02', '--until', '2026-07-01'];
    const { exitCode, stderr } = await run(['job', 'add', 'docs', ...wrong], env);
    expect(exitCode).toBe(2);
    for (const said of ['hosts[0]', 'seeds[0]', 'ends before it begins', 'two jobs are called docs'])
      expect(stderr).toContain(said);
    expect(written()).toEqual(before);
  });

  it('writes nothing with --dry-run', async () => {
    const { exitCode, stdout } = await run(['job', 'add', 'docs', '--host', 'docs.example', '--dry-run'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('"docs.example"');
    expect(existsSync(file())).toBe(false);
  });
});

describe('seine job propose', () => {
  it('signs a vote that others read', async () => {
    twoJobs();
    const { exitCode } = await run(['job', 'propose', 'docs=1500000', 'other=0', '--out', 'vote.json'], keyed);
    expect(exitCode).toBe(0);
    const { vote } = await readJobVote(readFileSync(join(folder(), 'vote.json'), 'utf8'), 1);
    expect(vote?.weights).toEqual({ docs: 1_500_000, other: 0 });
    expect(vote?.validator).toBe((await openDevelopmentKey({ uri: '//Voter', development: true })).address);
  });

  it('signs nothing with --dry-run', async () => {
    twoJobs();
    const { exitCode, stdout } = await run(['job', 'propose', 'docs=1', '--out', 'vote.json', '--dry-run'], keyed);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing was signed');
    expect(stdout).not.toContain('signature');
    expect(existsSync(join(folder(), 'vote.json'))).toBe(false);
  });

  it.each([
    ['a job that is not in the list', ['farm=1', 'docs=1', 'docs=2'], /farm.*named more than once: docs/],
    ['what is no weight', ['docs=much'], /job=weight/],
    ['a weight beyond all bounds', ['docs=1000000001'], /job=weight/],
  ])('ends with 2 for %s', async (_, weights, message) => {
    twoJobs();
    const { exitCode, stderr } = await run(['job', 'propose', ...weights], keyed);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('votedJobs', () => {
  it('counts votes of permitted stake, and says why the others do not count', async () => {
    const dir = join(folder(), 'votes');
    mkdirSync(dir);
    const weights = { docs: 1, other: 0 };
    const signers = await Promise.all(
      ['//One', '//Two', '//Three'].map((uri) => openDevelopmentKey({ uri, development: true })),
    );
    const [one, two, three] = signers.map(({ address }) => address);
    for (const [index, signer] of signers.entries()) {
      const vote = { ...{ version: 1, netuid: 1, validator: signer.address, at: 9 }, weights };
      writeFileSync(join(dir, `${index}.json`), canonicalJson(await signJson(vote, signer)));
    }
    const [first] = signers;
    if (first === undefined) throw new Error('no signer');
    const older = await signJson({ ...{ version: 1, netuid: 1, validator: one, at: 1 }, weights: {} }, first);
    writeFileSync(join(dir, 'older.json'), canonicalJson(older));
    writeFileSync(join(dir, 'rubbish.json'), 'rubbish');
    const neuron = (hotkey: string | undefined, stake: bigint, validatorPermit: boolean) => ({
      ...{
        uid: 0,
        hotkey: hotkey ?? '',
        coldkey: '',
        registered: 0,
        axon: null,
        lastUpdate: 0,
        stake,
        validatorPermit,
      },
    });
    const metagraph = () => Promise.resolve([neuron(one, 5n, true), neuron(two, 500n, false), neuron(three, 0n, true)]);
    const settings = loadSettings({ env: { HOME: folder() }, cwd: folder() });
    const list: WantedList = { version: 1, jobs: [job('docs'), job('other')] };
    const { list: weighed, votes, ignored } = await votedJobs(settings, { metagraph }, list, dir);
    expect(weighed.jobs.map(({ weight_ppm }) => weight_ppm)).toEqual([1_700_000, 300_000]);
    expect(votes.map(({ vote, stake }) => [vote.validator, vote.at, stake])).toEqual([[one, 9, 5n]]);
    expect(ignored.map((item) => item.file).sort()).toEqual(['1.json', '2.json', 'older.json', 'rubbish.json']);
  });
});
