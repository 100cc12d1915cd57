import type { ServerResponse } from 'node:http';
import { BackendBusy } from '../backends/errors.ts';
import { requestVolume } from '../volume.ts';
import type { TaskRequest } from '../wire/request.ts';
import type { Admission } from './admission.ts';
import { askedTask } from './asked-task.ts';
import type { ServedTask } from './served-task.ts';

export interface TurnOptions {
  /** What is served now; asked for with every request, so that tasks change without a restart. */
  serving: () => readonly ServedTask[];
  admission: Admission;
}

/** Who asks for what, whichever protocol said so. */
export interface AskedTurn {
  caller: string;
  asked: TaskRequest;
  /** The task's name, where the caller gave one. */
  meant: string | undefined;
  /** Whose closing ends the turn. */
  response: ServerResponse;
  /** Is told the task's name once it is known. */
  found: (task: string) => void;
}

/**
 * Finds the task of a request, waits for its turn and does `work` in it. The signal aborts at the task's time limit, or when the caller is gone.
 * Throws what `askedTask` and `admit` do, and what `work` throws.
 */
export async function inTurn(
  { serving, admission }: TurnOptions,
  { caller, asked, meant, response, found }: AskedTurn,
  work: (served: ServedTask, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const served = askedTask(serving(), asked, meant);
  found(served.task.name);
  const signal = AbortSignal.any([AbortSignal.timeout(served.task.timeout_ms), goneSignal(response)]);
  const units = requestVolume(served.task, asked);
  const turn = await admission.admit({ served, caller, units, signal });
  try {
    await work(served, signal);
  } catch (error) {
    // An engine without room began nothing: whoever is told to come again must find there what it is owed.
    if (error instanceof BackendBusy && !response.headersSent) turn.giveBack();
    throw error;
  } finally {
    turn.end();
  }
}

/** The caller closed its connection before it had its answer. */
export class CallerGone extends Error {}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort(new CallerGone('the caller is gone'));
  response.once('close', () => {
    gone.abort(new CallerGone('the caller is gone'));
  });
  return gone.signal;
}
