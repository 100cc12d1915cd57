import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { PPB, PPM } from '../../core/units.ts';
import type { Evidence } from '../../scoring/evidence.ts';
import type { MinerScore } from '../../scoring/epoch-scores.ts';
import { checkEvidence, explain, recompute, type Explanation } from '../../scoring/explain.ts';
import { wholeNumber } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { readArchive, readEvidence } from '../score-bundles.ts';
import { compareBundles, recomputeWeights } from '../score-compare.ts';
import { overview, percent, scoreSteps } from '../score-steps.ts';
import { printTask, printTaskScores } from '../score-tasks.ts';
import { DEFAULT_SEED, FORMULAS, simulate } from '../score-simulate.ts';
import { verifyBundle } from '../score-verify.ts';
import type { Act } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export function addScoreCommands(program: Command, act: Act): void {
  const score = program
    .command('score')
    .helpCommand(false)
    .summary('why a miner scored what it did')
    .description('Scores and their reasons.');
  score
    .command('list')
    .description('the epochs that this validator has scored, and the file of the evidence of each')
    .action(
      act(async (session) => {
        const { listScores } = await import('../roots/score-list.ts');
        await listScores(session);
      }),
    );
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
  score
    .command('recompute')
    .description('compute the weights of an evidence bundle again, offline, bit for bit')
    .argument('<evidence>', 'evidence bundle: its file, or a folder with evidence.json')
    .action(act(({ context, out }, path: string) => recomputeWeights(readEvidence(resolve(context.cwd, path)), out)));
  score
    .command('verify')
    .description(
      "recompute an evidence bundle, and look on chain for each challenge period's seed block and anchored secret",
    )
    .argument('<evidence>', 'evidence bundle: its file, or a folder with evidence.json')
    .action(act(verifyBundle));
  score
    .command('compare')
    .description('where the bundles of two validators differ, and whose invalid verdicts do not hold')
    .argument('<a>', "one validator's evidence bundle of an epoch")
    .argument('<b>', "another validator's of the same epoch")
    .option('--archive <folder>', 'archived responses, by digest: the objects of either validator')
    .action(
      act(({ context, out }, a: string, b: string, options: { archive?: string }) => {
        const read = options.archive === undefined ? () => null : readArchive(resolve(context.cwd, options.archive));
        const [left, right] = [a, b].map((path) => readEvidence(resolve(context.cwd, path))) as [Evidence, Evidence];
        return compareBundles(left, right, read, out);
      }),
    );
  score
    .command('simulate')
    .description('play attacks against the scoring, with no network, and say what each would earn')
    .argument('<scenario>', 'scenario file, as datasets/scenarios/attacks.json')
    .option('--seed <text>', 'what everything random follows from', DEFAULT_SEED)
    .option('--epochs <n>', "epochs of a run (else the scenario's)", wholeNumber(1, 10_000))
    .addOption(new Option('--formula <name>', "a published formula beside the scenario's own").choices(FORMULAS))
    .option('--plot <file>', 'write the incomes as an SVG picture')
    .action(act(simulate));
}

function explainAll(evidence: Evidence, out: Output): number {
  const { scores, inference, weights } = recompute(evidence);
  const { ok, problems } = checkEvidence(evidence);
  out.line(`Epoch ${evidence.epoch} of subnet ${evidence.netuid}, blocks ${evidence.start} to ${evidence.end}`);
  out.line(`Validator ${evidence.validator}`);
  out.table({
    columns: ['pool', 'uid', 'hotkey', 'verified', 'owned', 'payable', 'checks', 'earned', 'score', 'weight'],
    rows: scores.map((item) => {
      const { pool, uid, hotkey, weight_ppb } = item;
      const miner = evidence.miners.find((counted) => counted.uid === uid);
      const { payable, checks, earned, score } = overview(item);
      return [
        pool,
        `${uid}`,
        hotkey.slice(0, 8),
        miner?.rows_verified ?? 0,
        miner?.rows_owned ?? 0,
        payable,
        checks,
        earned,
        score,
        { text: percent(weight_ppb, PPB), tone: 'strong' },
      ];
    }),
  });
  const tasks = inference?.scores ?? [];
  printTaskScores(tasks, out);
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
  out.json({ ok, problems, epoch: evidence.epoch, validator: evidence.validator, scores, tasks, weights });
  return ok ? EXIT.ok : EXIT.failure;
}

function explainOne(evidence: Evidence, uid: number, out: Output): number {
  const explanation = explain(evidence, uid);
  if (explanation === null) {
    const known = [...evidence.miners, ...(evidence.inference?.miners ?? [])].map((miner) => miner.uid);
    const uids = [...new Set(known)].sort((a, b) => a - b).join(', ');
    throw new UsageError(`uid ${uid} is not in this bundle; it has ${uids}`, { uid });
  }
  printExplanation(explanation, evidence, out);
  out.json(explanation);
  return EXIT.ok;
}

function printExplanation(explanation: Explanation, evidence: Evidence, out: Output): void {
  const { uid, scores, weight_ppb, rejected, signs, wrong, hotkey } = explanation;
  out.line(`uid ${uid}, ${hotkey}: weight ${percent(weight_ppb, PPB)}`, 'strong');
  for (const score of scores) printScore(score, explanation, out);
  for (const task of explanation.tasks) printTask(task, out);
  const reasons = Object.entries(rejected);
  if (reasons.length > 0) out.table({ title: 'Rejected', columns: ['reason', 'rows'], rows: reasons });
  for (const { sign, share_ppm, limit_ppm } of signs) {
    out.line(
      `Twice as many rows were checked: ${sign} is ${percent(share_ppm, PPM)}, over ${percent(limit_ppm, PPM)}.`,
    );
  }
  if (wrong.length > 0)
    out.table({ title: 'Found wrong', columns: ['row', 'reason'], rows: wrong.map(({ id, reason }) => [id, reason]) });
  for (const commit of evidence.commits.filter((item) => item.hotkey === hotkey && item.status !== 'accepted'))
    out.line(`commit of block ${commit.block} ${commit.status}: ${commit.reason}`, 'warn');
}

function printScore(score: MinerScore, rows: Explanation, out: Output): void {
  out.table({ title: `Pool ${score.pool}`, columns: ['step', 'result', 'from'], rows: scoreSteps(score, rows) });
}
