import { SeineError } from '../../core/errors.ts';

/** A caller has had what it is owed of a task in this period. */
export class BeyondAllowance extends SeineError {
  readonly retryAfterMs: number;

  constructor(task: string, owed: number, taken: number, retryAfterMs: number) {
    const message = `${taken} of the ${owed} units of ${task} that you are owed in this period are taken, and this request asks for more than is left; wait for the next period`;
    super('BeyondAllowance', message, { details: { task, owed, taken, retryAfterMs }, remedy: 'wait' });
    this.retryAfterMs = retryAfterMs;
  }
}

/** How long one that found no place should stay away: about the time of a short answer. */
const QUEUE_RETRY_AFTER_MS = 1000;

/** All places of a task's queue are taken, by callers that have no more of them than this one. */
export class QueueFull extends SeineError {
  readonly retryAfterMs = QUEUE_RETRY_AFTER_MS;

  constructor(places: number) {
    super('QueueFull', `all ${places} places of the queue are taken; try again shortly`, {
      details: { places },
      remedy: 'wait',
    });
  }
}

/** A request that gets an answer other than the task's. `code` is a stable word. */
export class ServerRefusal extends SeineError {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super('ServerRefusal', message, { details: { status, code } });
    this.status = status;
    this.code = code;
  }
}
