import type { InferenceScore } from '../scoring/inference/inference-scores.ts';
import type { TaskExplanation } from '../scoring/inference/explain-tasks.ts';
import type { TaskReasons } from '../scoring/inference/task-earnings.ts';
import { PPB, PPM } from '../core/units.ts';
import type { Output } from './output.ts';
import { requestReason } from './request-reasons.ts';
import { percent } from './score-steps.ts';
import type { Step } from './score-steps.ts';
import type { Cell } from './table.ts';

/** The scores of all miners at all tasks, in one table. */
export function printTaskScores(scores: readonly InferenceScore[], out: Output): void {
  if (scores.length === 0) return;
  out.table({
    title: 'Inference',
    columns: ['task', 'uid', 'hotkey', 'capacity', 'paid', 'worth', 'earned', 'weight'],
    rows: scores.map(({ task, uid, hotkey, earned, reasons, weight_ppb }) => {
      const { capacity, paid, worth } = overview(reasons);
      return [
        ...[task, `${uid}`, hotkey.slice(0, 8), capacity, paid, worth, earned / unitOf(reasons)],
        { text: percent(weight_ppb, PPB), tone: 'strong' as const },
      ];
    }),
  });
}

/** How a miner's score at a task came about, step by step, and what came of the requests that it was sent. */
export function printTask(explanation: TaskExplanation, out: Output): void {
  const { score, periods, requests, reasons } = explanation;
  out.table({
    title: `Task ${score.task}`,
    columns: ['step', 'result', 'from'],
    rows: taskSteps(explanation),
  });
  const range =
    periods.first === periods.last ? `period ${periods.last}` : `periods ${periods.first} to ${periods.last}`;
  out.table({
    title: `Requests of task ${score.task} in ${range}, ${periods.full_loads} of ${periods.count} full loads`,
    columns: ['came to', 'requests', 'share', 'which means'],
    rows: reasons.map((item) => [
      item.reason,
      item.requests,
      percent(item.requests, Math.max(requests, 1)),
      requestReason(item.reason),
    ]),
  });
}

/** One row a step. */
function taskSteps({ score, newest, unit, task_share_ppm }: TaskExplanation): Step[] {
  return [
    ['stated', newest.stated, `${unit} a period, to all validators, in the newest period`],
    ['owed', newest.owed, "of them this validator's, by its stake"],
    ...earningSteps(score.reasons, unit),
    ['earned', score.earned / unitOf(score.reasons), EARNED_FROM[score.reasons.formula]],
    [
      'weight',
      percent(score.weight_ppb, PPB),
      `earned / sum over miners, of ${percent(task_share_ppm, PPM)} of inference`,
    ],
  ];
}

const EARNED_FROM: Readonly<Record<TaskReasons['formula'], string>> = {
  seine: 'paid x worth',
  vision_page: "period score x quality, as a share of all miners', as Vision's page has it",
  vision_code: "(period score x quality x capacity)³, as a share of all miners', as Vision's code has it",
  niche_image_page: "reward as a share of all miners', as NicheImage's page has it",
  niche_image_code: "reward as a share of all miners', as NicheImage's code has it",
  niche_image_older_page: "reward as a share of all miners', as NicheImage's older page has it",
};

function earningSteps(why: TaskReasons, unit: string): Step[] {
  switch (why.formula) {
    case 'seine':
      return [
        [
          'proven',
          why.proven,
          `${unit} answered rightly in the last full load that counted, at most what is owed since`,
        ],
        ['paid', why.paid_ppm / PPM, 'of the proven: grows by the period until it is all, falls at once'],
        ['worth', percent(why.worth_ppm, PPM), `of a unit: answered x quality x speed, mean of ${why.periods} periods`],
      ];
    case 'vision_page':
    case 'vision_code':
      return [
        ['capacity', why.capacity, `${unit} owed in the newest period`],
        ['period score', percent(why.period_ppm, PPM), 'answered, refused and failed requests, newer periods first'],
        ['quality', percent(why.quality_ppm, PPM), 'mean of the newest checked answers'],
      ];
    case 'niche_image_page':
    case 'niche_image_code':
    case 'niche_image_older_page':
      return [
        ['volume', why.volume, `${unit} stated for a period`],
        ['scored', why.scored, 'newest requests that were scored'],
        ['reward', percent(why.reward_ppm, PPM), '(quality - penalty for time) x factor of the volume, mean'],
      ];
  }
}

function overview(why: TaskReasons): { capacity: Cell; paid: Cell; worth: Cell } {
  switch (why.formula) {
    case 'seine':
      return { capacity: why.owed, paid: why.paid_ppm / PPM, worth: percent(why.worth_ppm, PPM) };
    case 'vision_page':
    case 'vision_code':
      return { capacity: why.capacity, paid: null, worth: percent(why.period_ppm, PPM) };
    case 'niche_image_page':
    case 'niche_image_code':
    case 'niche_image_older_page':
      return { capacity: why.volume, paid: null, worth: percent(why.reward_ppm, PPM) };
  }
}

/** Seine's formula counts millionths of a unit, the published ones shares of the task. */
function unitOf({ formula }: TaskReasons): number {
  return formula === 'seine' ? PPM : PPB;
}
