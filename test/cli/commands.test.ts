import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { Evidence, EvidenceMiner } from '../../src/scoring/evidence.ts';
import { evidenceOf, miner as counted, PARAMETERS } from '../scoring/fixtures.ts';
import { bundle, WITH_TASKS } from '../scoring/inference/bundle.ts';
import { useCli } from './run.ts';

const { run, folder } = useCli();

interface Shown {
  file: string;
  settings: { name: string; value: unknown; origin: string }[];
}

describe('seine config show', () => {
  it('prints values and where they came from, and never a secret', async () => {
    const env = {
      TEMPORAL_API_KEY: 'hush',
      REDIS_URL: 'redis://me:hush@redis:6379',
      SEINE_DEV: '1',
      SEINE_WALLET_DEV_SEED: '//hush',
    };
    for (const args of [
      ['config', 'show'],
      ['config', 'show', '--json'],
      ['config', 'show', '--verbose'],
    ]) {
      const { exitCode, stdout, stderr } = await run(args, env);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('[secret]');
      expect(stdout + stderr).not.toContain('hush');
    }
    const shown = JSON.parse((await run(['config', 'show', '--json', '--set', 'netuid=7'], env)).stdout) as Shown;
    expect(shown.settings.find(({ name }) => name === 'netuid')).toMatchObject({ value: 7, origin: 'flag' });
  });

  it('finds the addresses that a running stack wrote', async () => {
    mkdirSync(join(folder(), '.seine', 'stack'), { recursive: true });
    const urls = { temporal: '127.0.0.1:41', redisIndex: 'redis://127.0.0.1:42', chain: 'ws://127.0.0.1:43' };
    writeFileSync(join(folder(), '.seine', 'stack', 'stack.json'), JSON.stringify({ version: 1, urls, parts: [] }));
    const { settings } = JSON.parse((await run(['config', 'show', '--json'])).stdout) as Shown;
    expect(settings.filter(({ origin }) => origin === 'stack').map(({ name, value }) => [name, value])).toEqual([
      ['temporal.address', '127.0.0.1:41'],
      ['redis.index_url', 'redis://127.0.0.1:42'],
      ['subtensor.endpoint', ['ws://127.0.0.1:43']],
    ]);
  });
});

describe('seine init', () => {
  it('writes settings that load, and a hotkey that only its owner can read and no output shows', async () => {
    const { exitCode, stdout } = await run([
      'init',
      'miner',
      '--netuid',
      '5',
      '--wallet',
      'w',
      '--hotkey',
      'h',
      '--json',
    ]);
    expect(exitCode).toBe(0);
    const made = JSON.parse(stdout) as { file: string; key_file: string; hotkey: string };
    expect(statSync(made.key_file).mode & 0o777).toBe(0o600);
    const key = JSON.parse(readFileSync(made.key_file, 'utf8')) as { secretPhrase: string; secretSeed: string };
    expect(stdout).not.toContain(key.secretPhrase);
    expect(stdout).not.toContain(key.secretSeed);
    const { settings } = JSON.parse((await run(['config', 'show', '--json'])).stdout) as Shown;
    expect(settings.filter(({ origin }) => origin === 'file').map(({ name, value }) => [name, value])).toEqual([
      ['netuid', 5],
      ['wallet.path', join(folder(), '.bittensor', 'wallets')],
      ['wallet.name', 'w'],
      ['wallet.hotkey', 'h'],
    ]);
  });

  it('replaces settings only by --force, and keys never', async () => {
    const first = JSON.parse((await run(['init', 'validator', '--json'])).stdout) as { hotkey: string };
    const refused = await run(['init', 'validator']);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('--force');
    const forced = JSON.parse((await run(['init', 'validator', '--force', '--json'])).stdout) as { hotkey: string };
    expect(forced).toMatchObject({ hotkey: first.hotkey, new_key: false });
  });

  it('writes nothing with --dry-run', async () => {
    const { exitCode, stdout } = await run(['init', 'miner', '--dry-run']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('netuid = 1');
    expect(existsSync(join(folder(), '.seine'))).toBe(false);
    expect(existsSync(join(folder(), '.bittensor'))).toBe(false);
  });

  it.each([
    ['--endpoint', 'http://x'],
    ['--wallet', '../up'],
  ])('refuses %s %s', async (option, value) => {
    expect((await run(['init', 'miner', option, value])).exitCode).toBe(2);
  });
});

describe('seine score explain', () => {
  it('recomputes every weight and says so', async () => {
    const file = writeEvidence(evidence());
    const { exitCode, stdout } = await run(['score', 'explain', file]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('every weight is what the numbers in the bundle give');
    expect(stdout).toMatch(/^data +2 +5Honest.* 100\.00 %$/m);
  });

  it('takes a folder, and explains one miner with the rows that were wrong', async () => {
    writeEvidence(evidence());
    const { exitCode, stdout } = await run(['score', 'explain', folder(), '--uid', '3']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/text_differs/);
    expect(stdout).toMatch(/weight +0\.00 %/);
  });

  it.each([
    ['seine', /^credibility +[\d.]+ % /m],
    ['d3', /^points +21 +rows²/m],
    ['sn13', /^value +4 +size²/m],
  ] as const)('names the steps of the formula %s', async (formula, step) => {
    const miners = [miner(2, '5HonestHotkey', 'valid'), miner(3, '5CopierHotkey', 'invalid')];
    writeEvidence(evidenceOf(miners, { ...PARAMETERS, formula }));
    const { exitCode, stdout } = await run(['score', 'explain', folder(), '--uid', '2']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(step);
    expect((await run(['score', 'explain', folder()])).stdout).toContain('every weight is what the numbers');
  });

  it('ends with 1 where a weight is not what the numbers give', async () => {
    const forged = evidence();
    forged.scores = forged.scores.map((score) => ({ ...score, weight_ppb: 500_000_000 }));
    const { exitCode, stdout } = await run(['score', 'explain', writeEvidence(forged), '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, problems: [expect.stringContaining('scores') as string] });
  });

  it.each([
    ['a file that is not there', 'none.json', null],
    ['a file that is not JSON', 'evidence.json', 'nope'],
    ['JSON that is no evidence', 'evidence.json', '{"version":1}'],
  ])('ends with 2 for %s', async (_, name, text) => {
    if (text !== null) writeFileSync(join(folder(), name), text);
    expect((await run(['score', 'explain', name])).exitCode).toBe(2);
  });

  it('ends with 2 for a uid that is not in the bundle, and names those that are', async () => {
    const { exitCode, stderr } = await run(['score', 'explain', writeEvidence(evidence()), '--uid', '9']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('2, 3');
  });
});

describe('seine score verify', () => {
  it('recomputes, and asks no chain where a bundle has no challenge periods', async () => {
    const { exitCode, stdout } = await run(['score', 'verify', writeEvidence(evidence())]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('every weight is what the numbers in the bundle give');
    expect(stdout).toContain('no challenge periods');
    const forged = evidence();
    forged.scores = forged.scores.map((score) => ({ ...score, weight_ppb: 500_000_000 }));
    expect((await run(['score', 'verify', writeEvidence(forged)])).exitCode).toBe(1);
  });
});

describe('seine score explain of inference', () => {
  it('shows every task, and recomputes', async () => {
    const { exitCode, stdout } = await run(['score', 'explain', writeEvidence(bundle())]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^task +uid +hotkey +capacity +paid +worth +earned +weight$/m);
    expect(stdout).toMatch(/^image +5 +5Good +10 .* 100\.00 %$/m);
    expect(stdout).toContain('every weight is what the numbers in the bundle give');
    const json = await run(['score', 'explain', 'evidence.json', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, tasks: [{ uid: 5 }, { uid: 6 }, { task: 'image' }] });
  });

  it('explains a miner that serves models alone, step by step, and what its requests came to', async () => {
    const { exitCode, stdout } = await run(['score', 'explain', writeEvidence(bundle()), '--uid', '6']);
    expect(exitCode).toBe(0);
    for (const step of [
      'stated +1,000',
      'owed +1,000',
      'proven +1,000',
      'paid +62\\.5',
      'worth +[\\d.]+ %',
      'earned',
      'weight',
    ]) {
      expect(stdout).toMatch(new RegExp(`^${step} `, 'm'));
    }
    expect(stdout).toContain('Requests of task chat in periods 7 to 8, 1 of 2 full loads');
    expect(stdout).toMatch(/^unlikely_tokens +7 +14\.00 % +too many tokens that the model would hardly write/m);
    expect(stdout).toMatch(/^limited +3 +6\.00 % +answered 429 though it was within the capacity/m);
    const { stdout: json } = await run(['score', 'explain', 'evidence.json', '--uid', '6', '--json']);
    expect(JSON.parse(json)).toMatchObject({
      ...{ uid: 6, hotkey: '5Cheat', scores: [] },
      tasks: [
        { score: { task: 'chat' }, newest: { owed: 1000 }, reasons: [{ reason: 'right', requests: 40 }, {}, {}] },
      ],
    });
  });

  it.each([
    ['vision_page', /^period score +[\d.]+ % /m],
    ['vision_code', /^capacity +1,000 +tokens/m],
    ['niche_image_page', /^volume +1,000 +tokens/m],
    ['niche_image_code', /^reward +[\d.]+ % /m],
  ] as const)('names the steps of the formula %s', async (inference_formula, step) => {
    const parameters = { ...WITH_TASKS, inference_formula };
    writeEvidence(bundle([], {}, { parameters }));
    const { exitCode, stdout } = await run(['score', 'explain', folder(), '--uid', '5']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(step);
    expect((await run(['score', 'explain', folder()])).stdout).toContain('every weight is what the numbers');
  });

  it('names the uids that serve models among those that are in the bundle', async () => {
    const { exitCode, stderr } = await run(['score', 'explain', writeEvidence(bundle()), '--uid', '9']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('5, 6');
  });

  it('ends with 1 where a record was changed', async () => {
    const changed = bundle();
    const records = (changed.inference?.records ?? []).map((record) => ({ ...record, reasons: { right: 1 } }));
    const forged = { ...changed, inference: { ...changed.inference, records } } as Evidence;
    const { exitCode, stdout } = await run(['score', 'recompute', writeEvidence(forged)]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('40 requests stated, 1 with a reason');
  });
});

describe('seine score recompute', () => {
  it('gives the same weights, and ends with 1 where the bundle states others', async () => {
    const { exitCode, stdout } = await run(['score', 'recompute', writeEvidence(evidence()), '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, weights: [{ uid: 2, weight_ppb: 1_000_000_000 }] });
    const forged = { ...evidence(), weights_ppb: [{ uid: 3, weight_ppb: 1_000_000_000 }] };
    const table = await run(['score', 'recompute', writeEvidence(forged)]);
    expect(table.exitCode).toBe(1);
    expect(table.stdout).toContain('the weights are not those that the scores give');
  });
});

describe('seine score compare', () => {
  const write = (name: string, bundle: Evidence): string => {
    writeFileSync(join(folder(), name), JSON.stringify(bundle));
    return name;
  };

  it('says where two bundles differ, and whose invalid does not hold', async () => {
    const a = write('a.json', evidence());
    const b = write('b.json', { ...evidence(), validator: '5Other', wanted: 'other' });
    const { exitCode, stdout } = await run(['score', 'compare', a, b]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^rules +wanted +"" +"other"$/m);
    expect(stdout).toMatch(/web:http:\/\/site\/a +text_differs +nothing is archived/);
  });

  it('takes the archive, and ends with 0 where every invalid holds', async () => {
    const row = { id: 'web:http://site/a', text: 'one', created_at: null, scraped_at: 65_000_000 };
    const seen = { outcome: 'shown', id: row.id, text: 'two', createdAt: null, lastModified: 0 };
    const text = canonicalJson({ row, seen, committed_at: 70_000_000 });
    const archived = sha256Hex(text);
    writeFileSync(join(folder(), archived), text);
    const liar = miner(3, '5CopierHotkey', 'invalid');
    const verdicts = [{ id: row.id, verdict: 'invalid' as const, reason: 'text_differs', archived }];
    const commit = {
      ...{ hotkey: '5CopierHotkey', registered: 1, block: 12, event: 0, committed_at: 70_000_000 },
      ...{ manifest: 'm', rows: 8, status: 'accepted' as const, reason: '' },
    };
    const bundle = evidenceOf([{ ...liar, spot: { ...liar.spot, invalid: 1 }, verdicts }], PARAMETERS, {
      commits: [commit],
    });
    const file = write('a.json', bundle);
    expect((await run(['score', 'compare', file, file, '--archive', '.'])).exitCode).toBe(0);
    const { exitCode, stdout } = await run(['score', 'compare', file, file, '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ differences: [], refuted: [], unseen: 2 });
  });

  it('ends with 2 for bundles of different epochs', async () => {
    const [a, b] = [write('a.json', evidence()), write('b.json', { ...evidence(), epoch: 9 })];
    expect((await run(['score', 'compare', a, b])).exitCode).toBe(2);
  });
});

function writeEvidence(bundle: Evidence): string {
  const file = join(folder(), 'evidence.json');
  writeFileSync(file, JSON.stringify(bundle));
  return file;
}

function evidence(): Evidence {
  const miners = [miner(2, '5HonestHotkey', 'valid'), miner(3, '5CopierHotkey', 'invalid')];
  return evidenceOf(miners, PARAMETERS, { validator: '5Validator', weights: { uids: [2], values: [65_535] } });
}

function miner(uid: number, hotkey: string, verdict: 'valid' | 'invalid'): EvidenceMiner {
  const reason = verdict === 'valid' ? 'same_text' : 'text_differs';
  return {
    ...counted(uid, 8, { hotkey }),
    sampled_ppm: { data: 2_000_000 },
    unproven_ppm: { data: verdict === 'valid' ? 0 : 2_000_000 },
    spot: { valid: 0, invalid: 0, gone: 0, inconclusive: 0, [verdict]: 2 },
    rejected: { duplicate: 2 },
    signs: [],
    sample: null,
    verdicts: ['a', 'b'].map((name) => ({ id: `web:http://site/${name}`, verdict, reason })),
  };
}
