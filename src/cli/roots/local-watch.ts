import { setTimeout as sleep } from 'node:timers/promises';
import { SeineError } from '../../core/errors.ts';
import type { Output } from '../output.ts';
import type { LocalInference } from './local-inference.ts';
import type { LocalOperators } from './local-operators.ts';
import { commitsOf, inferencePaidByAll, scoredByAll } from './local-progress.ts';
import type { LocalView } from './local-progress.ts';
import type { Sites } from './local-sites.ts';

/** A slow machine that does other work beside takes as long; quiet ones a fifth. */
const PATIENCE_MS = 420_000;
const LOOK_EVERY_MS = 500;

interface WatchedRun {
  view: LocalView;
  operators: LocalOperators;
  age: Sites['age'];
  inference: LocalInference | null;
  /** Ends a stage, by name. */
  lap: (stage: string) => void;
  out: Output;
}

/** Follows the run, and lets happen in it what has its time. Gives the index of the epoch by which everything is paid. */
export async function watchRun(run: WatchedRun): Promise<number> {
  const { view, inference, lap, out } = run;
  const data = await watchData(run);
  if (inference === null) return data;
  await inference.serve();
  out.line('  the miners serve models from now on, and validators challenge them from the next period on');
  const paid = await waitFor(run, 'weights for inference', () => inferencePaidByAll(view));
  out.line('  both validators have challenged the miners, checked what they answered and set their weights');
  lap('inference');
  return Math.max(data, paid);
}

/** Waits for the two epochs, and lets the site change between scrape and spot check. Gives the index of the last of them. */
async function watchData(run: WatchedRun): Promise<number> {
  const { view, age, lap, out } = run;
  const miners = view.people.filter((person) => person.role === 'miner');
  const firstCommit = (copier: boolean) => async () => {
    const firsts = await Promise.all(
      miners
        .filter((miner) => miner.copier === copier)
        .map(async ({ signer }) => ({ hotkey: signer.address, first: (await commitsOf(view, signer.address))[0] })),
    );
    return firsts.every(({ first }) => first !== undefined)
      ? firsts.map(({ hotkey, first }) => ({ hotkey, block: first?.block ?? 0 }))
      : null;
  };
  const honest = await waitFor(run, 'a commitment of each honest miner', firstCommit(false));
  out.line(`  both honest miners have committed (blocks ${honest.map(({ block }) => block).join(', ')})`);
  if (age !== null) out.line(`  the site changes: ${await age()}`);
  lap('first_commits');
  const copied = await waitFor(run, 'the commitment of the copier', firstCommit(true));
  out.line(`  the copier has committed (block ${copied.map(({ block }) => block).join(', ')})`);
  lap('copier_commit');
  const epochs: number[] = [];
  for (const commits of [honest, copied]) {
    for (const commit of commits) {
      epochs.push(await waitFor(run, 'the scores of all validators', () => scoredByAll(view, commit)));
    }
    const blocks = commits.map(({ block }) => block).join(', ');
    out.line(`  both validators have scored the commitments of blocks ${blocks} and set their weights`);
  }
  lap('scores');
  return Math.max(...epochs);
}

async function waitFor<T>({ operators, out }: WatchedRun, what: string, look: () => Promise<T | null>): Promise<T> {
  const { failed, logs } = operators;
  out.progress({ step: `waiting for ${what}` });
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const found = await Promise.race([look(), failed]);
    if (found !== null) return found;
    await Promise.race([sleep(LOOK_EVERY_MS), failed]);
  }
  throw new SeineError(
    'RunTooSlow',
    `${what} did not come within ${PATIENCE_MS / 60_000} minutes: try again when the machine does less beside; logs are in ${logs}`,
    { details: { what, logs } },
  );
}
