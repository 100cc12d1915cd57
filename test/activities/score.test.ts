import { describe, expect, it } from 'vitest';
import { createScoreActivities } from '../../activities/score.ts';
import type { InferenceFindings, ScoreDeps } from '../../activities/score.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { DEFAULT_TASK_FILE, tasksDigest, tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import type { PinnedTasks } from '../../src/inference/tasks/task-file.ts';
import type { Evidence } from '../../src/scoring/evidence.ts';
import { checkEvidence } from '../../src/scoring/explain.ts';
import type { ScoringParameters } from '../../src/scoring/parameters.ts';
import { PARAMETERS } from '../scoring/fixtures.ts';
import { proof, RECORDS, served, TASKS, TASKS_DIGEST, VALIDATOR, WITH_TASKS } from '../scoring/inference/bundle.ts';
import { PERIOD_MS, tally } from '../scoring/inference/tallies.ts';

/* Scores epochs over what a validator found out, with everything else held in memory. */

const NEURONS = ['5Good', '5Cheat', '5Idle'].map((hotkey, at) => ({ uid: 5 + at, hotkey, registered: 1 }));

/** Time of a block in microseconds: block n ends period n. */
const timeOf = (hash: string): number => Number(hash) * PERIOD_MS * 1000 + 999;

function validator(inference: InferenceFindings | null, parameters: ScoringParameters = WITH_TASKS) {
  const objects = new Map<string, Uint8Array>();
  const digests = new Map<number, string>();
  const deps = {
    chain: {
      ...{ head: () => Promise.resolve({ number: 1, hash: '0' }), metagraph: () => Promise.resolve(NEURONS) },
      subnetOwner: () => Promise.resolve({ uid: 0 }),
      timestamp: (hash: string) => Promise.resolve(timeOf(hash)),
    },
    store: {
      put(bytes: Uint8Array) {
        const digest = sha256Hex(bytes);
        objects.set(digest, bytes);
        return Promise.resolve(digest);
      },
      get: (digest: string) => Promise.resolve(objects.get(digest)),
    },
    evidence: {
      before: (epoch: number) => Promise.resolve(digests.get(epoch - 1) ?? null),
      record: (epoch: number, digest: string) => Promise.resolve(void digests.set(epoch, digest)),
    },
    ...{ judged: { between: () => Promise.resolve([]) }, wanted: { version: 1, jobs: [] } },
    ...{ signer: { address: VALIDATOR }, netuid: 1, parameters, inference, heartbeat: () => undefined },
  };
  const activities = createScoreActivities(deps as unknown as ScoreDeps);
  return async (epoch: number, block: number): Promise<Evidence> => {
    const window = { index: epoch, start: 0, end: 1 };
    const seedBlock = { number: block, hash: String(block) };
    const { evidence } = await activities.scoreEpoch({ epoch: window, seedBlock, findings: [] });
    return JSON.parse(new TextDecoder().decode(objects.get(evidence))) as Evidence;
  };
}

/** All that was recorded, up to a time. */
function findings(asked: number[] = []): InferenceFindings {
  const later = served(9, '5Good', tally(1000, { right: 50 }, { full_load: false }), { right: 6 });
  const records = [...RECORDS, later];
  const proofs = [proof(7, true), proof(8, false), proof(9, false)];
  return {
    records(endedMs) {
      asked.push(endedMs);
      return Promise.resolve({
        records: records.filter(({ ended_ms }) => ended_ms <= endedMs),
        proofs: proofs.filter(({ period }) => (period + 1) * PERIOD_MS <= endedMs),
      });
    },
    tasks: () => ({ list: TASKS, digest: TASKS_DIGEST }),
  };
}

describe('scoring an epoch', () => {
  it('pays tasks by the periods that ended before the seed block, and remembers what it paid', async () => {
    const asked: number[] = [];
    const score = validator(findings(asked));
    const first = await score(1, 9);
    const second = await score(2, 10);
    expect(asked).toEqual([9 * PERIOD_MS, 10 * PERIOD_MS]);
    for (const bundle of [first, second]) expect(checkEvidence(bundle)).toEqual({ ok: true, problems: [] });
    expect(first.inference?.records).toEqual(RECORDS);
    expect(second.inference?.before).toEqual(first.inference?.after);
    const paid = ({ inference }: Evidence) =>
      inference?.after.filter(({ task }) => task === 'chat').map(({ hotkey, paid_ppm }) => [hotkey, paid_ppm / 1e6]);
    expect(paid(first)).toEqual([
      ['5Good', 62.5],
      ['5Cheat', 62.5],
    ]);
    // Whoever answers nothing in period 9 has stated nothing.
    expect(paid(second)).toEqual([
      ['5Good', 125],
      ['5Cheat', 0],
    ]);
    expect(second.weights.uids).toEqual([0, 5]);
    expect(first.miners).toEqual([]);
  });

  it('asks for the periods of enabled tasks alone', async () => {
    const lengths: number[] = [];
    const other = { ...TASKS.tasks[0]!, name: 'other', period_ms: 2 * PERIOD_MS, enabled: false };
    const list = { ...TASKS, tasks: [...TASKS.tasks, other] };
    const known = findings();
    const records: InferenceFindings['records'] = (endedMs, periodsMs) => {
      lengths.push(...new Set(periodsMs));
      return known.records(endedMs, periodsMs);
    };
    await validator({ records, tasks: () => ({ list, digest: TASKS_DIGEST }) })(1, 9);
    expect(lengths).toEqual([PERIOD_MS]);
  });

  it('holds the whole list of tasks, as it is in use', async () => {
    const list = tasksOf(DEFAULT_TASK_FILE, 'x');
    const tasks: PinnedTasks = { list, digest: tasksDigest(list) };
    const bundle = await validator({ ...findings(), tasks: () => tasks })(1, 9);
    expect(bundle.inference?.tasks).toEqual(JSON.parse(canonicalJson(list)));
    expect(checkEvidence(bundle)).toEqual({ ok: true, problems: [] });
    expect(bundle.weights.uids).toEqual([0]);
  });

  it.each([
    ['nobody is challenged', null, WITH_TASKS],
    ['nothing was asked', { ...findings(), records: () => Promise.resolve({ records: [], proofs: [] }) }, WITH_TASKS],
    [
      'no task is enabled',
      { ...findings(), tasks: () => ({ list: { version: 1, tasks: [] }, digest: '' }) },
      WITH_TASKS,
    ],
    ['inference has no pool', findings(), PARAMETERS],
  ])('is as without inference where %s', async (_, inference, parameters) => {
    const bundle = await validator(inference, parameters)(1, 9);
    expect(Object.keys(bundle)).not.toContain('inference');
    expect(canonicalJson(bundle)).toBe(canonicalJson(await validator(null, parameters)(1, 9)));
    expect(bundle.weights.uids).toEqual([0]);
  });
});
