import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { NO_CORPUS } from '../../src/inference/prompts/prompt-corpus.ts';
import { NO_SEEDS } from '../../src/inference/prompts/seed-words.ts';
import { madePeriod, proofOf } from '../inference/challenge/made-period.ts';
import type { MadePeriod } from '../inference/challenge/made-period.ts';
import { planOf } from '../inference/challenge/plans.ts';
import { evidenceOf, PARAMETERS } from '../scoring/fixtures.ts';
import { useCli } from './run.ts';

const { folder, run } = useCli();
const VALIDATOR = '5Dan';
let made: MadePeriod;

/** A bundle and its archive, as far as prompts go. */
function write({ plan, recipe, outcomes }: MadePeriod): void {
  const archive = join(folder(), 'objects');
  mkdirSync(archive, { recursive: true });
  const put = (text: string): string => {
    const digest = sha256Hex(text);
    writeFileSync(join(archive, digest), text);
    return digest;
  };
  put(canonicalJson(plan));
  put(canonicalJson(recipe));
  const archived = put(outcomes.map((outcome) => `${canonicalJson(outcome)}\n`).join(''));
  const inference = { proofs: [proofOf(plan)], records: [{ task: 'text', period: plan.period, outcomes: archived }] };
  const evidence = { ...evidenceOf([], PARAMETERS), validator: VALIDATOR, inference };
  writeFileSync(join(folder(), 'evidence.json'), JSON.stringify(evidence));
}

const prompts = (...more: string[]) => run(['task', 'prompts', 'evidence.json', '--archive', 'objects', ...more]);

beforeEach(async () => {
  const plan = planOf({ '5Grw': 3000 }, { validator: VALIDATOR });
  made = await madePeriod(plan, { corpus: NO_CORPUS, seeds: NO_SEEDS });
  write(made);
});

describe('seine task prompts', () => {
  it('makes all requests of a period again, and writes them', async () => {
    const { exitCode, stdout } = await prompts('--json', '--requests', 'again.jsonl');
    const count = made.outcomes.length;
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, periods: [{ period: 7, counts: { same: count } }] });
    expect(exitCode).toBe(0);
    const lines = readFileSync(join(folder(), 'again.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(count);
    expect(JSON.parse(lines[0]!)).toMatchObject({ finding: 'same', composed: { api: expect.any(String) as string } });
  });

  it('names what was not sent as the seed gives it', async () => {
    const [first, ...rest] = made.outcomes;
    write({ ...made, outcomes: [{ ...first!, request: 'ab'.repeat(32) }, ...rest] });
    const { exitCode, stdout } = await prompts();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`5Grw, ${first!.task}, ${first!.index}: other_request`);
  });

  it('says what is not there, or was changed', async () => {
    expect((await prompts('--period', '8')).stderr).toContain('no period 8');
    const plan = join(folder(), 'objects', sha256Hex(canonicalJson(made.plan)));
    writeFileSync(plan, canonicalJson({ ...made.plan, full_load: false }));
    expect((await prompts()).stderr).toContain('damaged');
    const none = await run(['task', 'prompts', 'evidence.json', '--archive', '.']);
    expect([none.exitCode, none.stdout]).toEqual([1, expect.stringContaining('is not in the archive') as string]);
  });
});
