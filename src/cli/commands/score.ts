import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { messageOf } from '../../core/errors.ts';
import { PPB, PPM } from '../../core/units.ts';
import type { Evidence } from '../../scoring/evidence.ts';
import type { MinerScore } from '../../scoring/epoch-scores.ts';
import { checkEvidence, explain, recompute, type Explanation } from '../../scoring/explain.ts';
import { wholeNumber } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { Act } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export function addScoreCommands(program: Command, act: Act): void {
  const score = program
    .command('score')
    .helpCommand(false)
    .summary('why a miner scored what it did')
    .description('Scores and their reasons.');
  score
    .command('explain')
    .description('recompute every weight of an evidence bundle, offline, and say why it is what it is')
    .argument('<evidence>', 'evidence bundle: its file, or a folder with evidence.json')
    .option('--uid <n>', 'one miner, with the rows that were found wrong', wholeNumber(0, 65_535))
    .action(
      act(({ context, out }, path: string, options: { uid?: number }) => {
        const evidence = readEvidence(resolve(context.cwd, path));
        return options.uid === undefined ? explainAll(evidence, out) : explainOne(evidence, options.uid, out);
      }),
    );
}

function explainAll(evidence: Evidence, out: Output): number {
  const { scores, weights } = recompute(evidence);
  const { ok, problems } = checkEvidence(evidence);
  out.line(`Epoch ${evidence.epoch} of subnet ${evidence.netuid}, blocks ${evidence.start} to ${evidence.end}`);
  out.line(`Validator ${evidence.validator}`);
  out.table({
    columns: ['pool', 'uid', 'hotkey', 'verified', 'owned', 'payable', 'valid', 'validity', 'score', 'weight'],
    rows: scores.map(({ pool, uid, hotkey, score, weight_ppb, why }) => {
      const miner = evidence.miners.find((item) => item.uid === uid);
      return [
        pool,
        `${uid}`,
        hotkey.slice(0, 8),
        miner?.rows_verified ?? 0,
        miner?.rows_owned ?? 0,
        why.payable_ppm / PPM,
        `${why.valid} of ${why.valid + why.invalid + why.gone}`,
        percent(why.validity_ppm, PPM),
        score / PPM,
        { text: percent(weight_ppb, PPB), tone: 'strong' },
      ];
    }),
  });
  if (evidence.parameters.pools.length > 1 || weights.some(({ uid }) => uid === evidence.burn_uid)) {
    out.table({
      title: 'Over all pools',
      columns: ['uid', 'weight', ''],
      rows: weights.map(({ uid, weight_ppb }) => [
        `${uid}`,
        percent(weight_ppb, PPB),
        uid === evidence.burn_uid ? "the subnet owner's: burnt" : '',
      ]),
    });
  }
  for (const problem of problems) out.line(problem, 'bad');
  if (ok) out.line('Recomputed: every weight is what the numbers in the bundle give.', 'good');
  out.json({ ok, problems, epoch: evidence.epoch, validator: evidence.validator, scores, weights });
  return ok ? EXIT.ok : EXIT.failure;
}

function explainOne(evidence: Evidence, uid: number, out: Output): number {
  const explanation = explain(evidence, uid);
  if (explanation === null) {
    const uids = evidence.miners.map((miner) => miner.uid).join(', ');
    throw new UsageError(`uid ${uid} is not in this bundle; it has ${uids}`, { uid });
  }
  printExplanation(explanation, evidence, out);
  out.json(explanation);
  return EXIT.ok;
}

function printExplanation(explanation: Explanation, evidence: Evidence, out: Output): void {
  const { uid, scores, weight_ppb, rejected, wrong, hotkey } = explanation;
  out.line(`uid ${uid}, ${hotkey}: weight ${percent(weight_ppb, PPB)}`, 'strong');
  for (const score of scores) printScore(score, explanation, out);
  const reasons = Object.entries(rejected);
  if (reasons.length > 0) out.table({ title: 'Rejected', columns: ['reason', 'rows'], rows: reasons });
  if (wrong.length > 0)
    out.table({ title: 'Found wrong', columns: ['row', 'reason'], rows: wrong.map(({ id, reason }) => [id, reason]) });
  for (const commit of evidence.commits.filter((item) => item.hotkey === hotkey && item.status !== 'accepted'))
    out.line(`commit of block ${commit.block} ${commit.status}: ${commit.reason}`, 'warn');
}

function printScore({ pool, score, weight_ppb, why }: MinerScore, rows: Explanation, out: Output): void {
  const gone = why.gone_counts_as_invalid ? 'more than deletions explain: counted as invalid' : 'as deletions explain';
  out.table({
    title: `Pool ${pool}`,
    columns: ['step', 'result', 'from'],
    rows: [
      ['rows verified', rows.rows_verified, 'rows of accepted commits whose bytes, schema and tree hold'],
      ['rows owned', rows.rows_owned, 'of them the first claim on their key'],
      ['payable', why.payable_ppm / PPM, 'owned rows under a wanted job, times its weight'],
      ['unproven', why.unproven_ppm / PPM, 'sampled payable rows that were not seen valid'],
      [
        'validity',
        percent(why.validity_ppm, PPM),
        `${why.valid} valid, ${why.invalid} invalid, ${why.gone} gone (${gone})`,
      ],
      ['earned', why.earned / PPM, '(payable - unproven) x validity'],
      [
        'score',
        score / PPM,
        `${percent(why.score_alpha_ppm, PPM)} earned, the rest ${why.previous_score / PPM} before`,
      ],
      ['curve', why.curve_ppb / PPB, `(score / best ${why.best_score / PPM}) ^ ${why.curve_exponent_milli / 1000}`],
      ['weight', percent(weight_ppb, PPB), `curve / sum of curves ${why.curve_total_ppb / PPB}`],
    ],
  });
}

function percent(value: number, whole: number): string {
  return `${((100 * value) / whole).toFixed(2)} %`;
}

/** Evidence is the validator's own published file; recomputing is what checks it, so only its outline is looked at here. */
function readEvidence(path: string): Evidence {
  if (!existsSync(path)) throw new UsageError(`${path} does not exist`, { path });
  const file = statSync(path).isDirectory() ? join(path, 'evidence.json') : path;
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as Partial<Evidence>;
    if (parsed.version === 1 && Array.isArray(parsed.miners) && Array.isArray(parsed.scores)) return parsed as Evidence;
  } catch (error) {
    throw new UsageError(`${file} can't be read as an evidence bundle: ${messageOf(error)}`, { file });
  }
  throw new UsageError(`${file} is no evidence bundle of version 1`, { file });
}
