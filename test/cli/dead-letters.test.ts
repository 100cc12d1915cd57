import { beforeEach, describe, expect, it } from 'vitest';
import { listDead, requeueDead } from '../../src/cli/dead-letters.ts';
import type { WithDeadLetters } from '../../src/cli/dead-letters.ts';
import { createHumanOutput } from '../../src/cli/output.ts';
import type { DeadLetter, Requeued } from '../../src/scrapers/frontier/dead-letters.ts';
import type { Session } from '../../src/cli/session.ts';
import { textSink } from './run.ts';

/* The commands by themselves, over letters in memory. */

const letters: DeadLetter[] = Array.from({ length: 2500 }, (_, index) => ({
  url: `http://a.example/${index}`,
  reason: index % 1000 === 999 ? 'rare' : 'status_500',
  ...{ attempts: 3, depth: 1, atMs: index },
}));
let asked: Requeued[] = [];
let json: unknown;
let stdout = textSink();
let session: Session;

const inMemory: WithDeadLetters = (_session, _job, work) =>
  work({
    dead({ cursor = '0', count = 100 } = {}) {
      const from = Number(cursor);
      const next = from + count < letters.length ? String(from + count) : null;
      return Promise.resolve({ letters: letters.slice(from, from + count), next });
    },
    requeue(which) {
      asked.push(which);
      return Promise.resolve(2);
    },
  });

beforeEach(() => {
  asked = [];
  stdout = textSink();
  const out = {
    ...createHumanOutput({ stdout, stderr: textSink(), env: {} }),
    json: (value: unknown) => void (json = value),
  };
  session = { out } as Session;
});

describe('seine crawl dead', () => {
  it('shows the oldest, and says that there are more', async () => {
    await listDead(session, 'docs', { limit: 2 }, inMemory);
    expect(json).toMatchObject([
      { url: 'http://a.example/0', at: '1970-01-01T00:00:00.000Z' },
      { url: 'http://a.example/1' },
    ]);
    expect(stdout.text).toContain('There are more');
  });

  it('finds those of a reason on all pages', async () => {
    await listDead(session, 'docs', { limit: 100, reason: 'rare' }, inMemory);
    expect((json as DeadLetter[]).map(({ url }) => url)).toEqual(['http://a.example/999', 'http://a.example/1999']);
    await listDead(session, 'docs', { limit: 100, reason: 'never' }, inMemory);
    expect(stdout.text).toContain('No URL of docs was given up because of never.');
  });
});

describe('seine crawl requeue', () => {
  it.each([
    [{ all: true }, 'all'],
    [{ reason: 'status_500' }, { reason: 'status_500' }],
    [{ url: ['http://a.example/1'] }, { urls: ['http://a.example/1'] }],
  ])('passes on %j', async (options, which) => {
    await requeueDead(session, 'docs', options, inMemory);
    expect(asked).toEqual([which]);
    expect(json).toEqual({ job: 'docs', requeued: 2, done: true });
  });

  it('changes nothing in a dry run', async () => {
    await requeueDead(session, 'docs', { all: true, dryRun: true }, inMemory);
    expect(asked).toEqual([]);
  });

  it.each([[{}], [{ all: true, reason: 'x' }]])('asks which for %j', async (options) => {
    await expect(requeueDead(session, 'docs', options, inMemory)).rejects.toThrow('say which');
  });
});
