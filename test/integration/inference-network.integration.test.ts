import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/cli/summary/schema.ts';
import type { Evidence } from '../../src/scoring/evidence.ts';
import { checkEvidence } from '../../src/scoring/explain.ts';

/*
 * Inference as a user meets it: `seine start --with inference`. The models are stand-ins, the rest is the product: miners' servers, challenges by two
 * validators, checks, periods, evidence, weights on chain.
 */

const clone = fileURLToPath(new URL('../..', import.meta.url));
const runs = mkdtempSync(join(tmpdir(), 'seine inference '));
const run = join(runs, 'latest');
let output = '';
let summary: RunSummary;

function seine(...args: string[]): string {
  const main = join(clone, 'src', 'cli', 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...args], {
    cwd: clone,
    encoding: 'utf8',
    env: { ...process.env, SEINE_RUNS_DIR: runs },
  });
  if (status !== 0) throw new Error(`seine ${args.join(' ')}: ${stderr}`);
  return stdout;
}

beforeAll(async () => {
  const main = join(clone, 'src', 'cli', 'main.ts');
  const network = spawn(process.execPath, ['--import', 'tsx', main, 'start', '--with', 'inference'], {
    cwd: clone,
    env: { ...process.env, SEINE_RUNS_DIR: runs },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [network.stdout, network.stderr]) {
    stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  }
  const code = await new Promise((resolve) => network.once('exit', resolve));
  if (code !== 0) throw new Error(`seine start ended with ${String(code)}:\n${output.slice(-4000)}`);
  summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as RunSummary;
}, 900_000);

afterAll(() => {
  rmSync(runs, { recursive: true, force: true });
});

const uidOf = (name: string): number => summary.miners.find((miner) => miner.name === name)?.uid ?? -1;

describe('a network with inference', () => {
  it('pays the fast miner more than the slow one, and the one with another model nothing', () => {
    for (const { name, inference } of summary.validators) {
      const tasks = [...new Set(inference.map(({ task }) => task))];
      expect(tasks, name).toEqual(['stand-in-chat', 'stand-in-image']);
      for (const task of tasks) {
        const weightOf = (miner: string): number =>
          inference.find((row) => row.task === task && row.uid === uidOf(miner))?.weight ?? -1;
        expect(weightOf('miner-1'), `${name}, ${task}`).toBeGreaterThan(weightOf('miner-2'));
        expect(weightOf('miner-2'), `${name}, ${task}`).toBeGreaterThan(0);
        expect(weightOf('copier'), `${name}, ${task}`).toBe(0);
      }
    }
  });

  it('has weights on chain in that order', () => {
    for (const { name, results } of summary.validators) {
      const weightOf = (miner: string): number => results[uidOf(miner)]?.weight ?? -1;
      expect(weightOf('miner-1'), name).toBeGreaterThan(weightOf('miner-2'));
      expect(weightOf('miner-2'), name).toBeGreaterThan(weightOf('copier'));
      expect(weightOf('copier'), name).toBe(0);
    }
  });

  it('has evidence that gives the same weights again, and says why', () => {
    const bundles = readdirSync(join(run, 'evidence')).map((file) => join(run, 'evidence', file));
    const withInference = bundles.filter(
      (file) => (JSON.parse(readFileSync(file, 'utf8')) as Evidence).inference !== undefined,
    );
    expect(withInference.length).toBeGreaterThanOrEqual(summary.validators.length);
    for (const file of withInference) {
      expect(checkEvidence(JSON.parse(readFileSync(file, 'utf8')) as Evidence)).toEqual({ ok: true, problems: [] });
    }
    const said = seine('score', 'explain', withInference.at(-1) ?? '', '--uid', String(uidOf('copier')));
    expect(said).toMatch(/unlikely_tokens|other_probabilities/);
    expect(said).toContain('other_image');
  });
});
