import { describe, expect, it } from 'vitest';
import { anchorSecret } from '../../../activities/challenge/anchor-secret.ts';
import type { ChallengeDeps } from '../../../activities/challenge/deps.ts';
import { encodeCommitment } from '../../../src/commit/commitment.ts';
import { tasksOf } from '../../../src/inference/tasks/parse-tasks.ts';

const INPUT = { period_ms: 3_600_000, period: 12 };
const TASKS = tasksOf(
  {
    version: 1,
    tasks: [{ name: 'text', kind: 'chat', model: 'm', weight_ppm: 1_000_000, period_ms: INPUT.period_ms }],
  },
  'test',
).tasks;
const MANIFEST = encodeCommitment({ manifest: 'ab'.repeat(32), seq: 3, rows: 100, locator: '' });

/** Anchors with a hotkey whose commitment reads like this. */
async function anchoredOver(data: string | null, kind: 'text' | 'timelocked' = 'text') {
  const notes: (number | null)[] = [];
  const committed: { data: string; heldSince?: number | null }[] = [];
  const chain = {
    heldCommit: () => Promise.resolve(data === null ? null : { kind, round: null, data, block: 4 }),
    commit: (request: { data: string; heldSince?: number | null }) => {
      committed.push(request);
      return Promise.resolve({ block: { number: 9 } });
    },
  };
  const state = {
    secret: () => Promise.resolve(null),
    keepSecret: (_: number, fresh: string) => Promise.resolve(fresh),
    noteAnchor: (_: number, block: number | null) => Promise.resolve(void notes.push(block)),
    anchor: () => Promise.resolve(notes[0] ?? null),
  };
  const deps = {
    ...{ chain, netuid: 7, signer: { address: '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM' } },
    ...{ tasks: () => TASKS, state: () => state, randomSecret: () => new Uint8Array(32).fill(7) },
    heartbeat: () => undefined,
  } as unknown as ChallengeDeps;
  const { anchored } = await anchorSecret(deps, INPUT);
  return { anchored, committed, notes };
}

describe("a period's secret", () => {
  it.each([null, 'p1:11:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s'])('is anchored over %s', async (held) => {
    const { anchored, committed } = await anchoredOver(held);
    expect(anchored).toBe(9);
    expect(committed).toMatchObject([{ data: expect.stringMatching(/^p1:12:[A-Za-z0-9_-]{43}$/) as string }]);
    // Whatever the hotkey commits meanwhile is not overwritten.
    expect(committed[0]?.heldSince).toBe(held === null ? null : 4);
  });

  it("never takes the place of a miner's manifest, nor of what nobody can read yet", async () => {
    expect(await anchoredOver(MANIFEST)).toEqual({ anchored: null, committed: [], notes: [null] });
    expect(await anchoredOver('', 'timelocked')).toEqual({ anchored: null, committed: [], notes: [null] });
  });
});
