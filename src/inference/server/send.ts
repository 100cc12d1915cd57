import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { RequestRefused } from '../../net/epistula.ts';
import type { ErrorBody } from '../wire/error-body.ts';
import { sseText } from '../wire/sse.ts';
import { DONE } from '../wire/streamed-answer.ts';
import { BackendBusy } from '../backends/errors.ts';
import { orAborted } from './backend.ts';
import { BeyondAllowance, QueueFull, ServerRefusal } from './errors.ts';

/** Where nothing says when there will be room again. */
const RETRY_AFTER_MS = 1000;

/** What works behind this server is nothing for callers. */
const BUSY = 'all that works here is busy; try again shortly';

/** How a request ends that is not answered. `code` is a stable word. */
export interface Fault {
  status: number;
  code: string;
  message: string;
  retryAfterMs?: number;
}

/** What a caller may read of an error; whatever broke inside is none of it. */
export function faultOf(error: unknown): Fault {
  const message = messageOf(error);
  if (error instanceof ServerRefusal) return { status: error.status, code: error.code, message };
  if (error instanceof RequestRefused) return { status: error.status, code: error.reason, message };
  if (error instanceof BeyondAllowance) {
    return { status: 429, code: 'beyond_allowance', message, retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof QueueFull) {
    return { status: 429, code: 'queue_full', message, retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof BackendBusy) {
    const { retryAfterMs } = error;
    return { status: 429, code: 'busy', message: BUSY, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { status: 504, code: 'timed_out', message: 'the answer took longer than the task allows' };
  }
  return { status: 503, code: 'unavailable', message: 'this server has trouble of its own; try again later' };
}

/** Answers with a fault in the form of OpenAI's API; of a stream that is under way it is the last event. */
export function sendFault(response: ServerResponse, fault: Fault): void {
  const body: ErrorBody = { error: { message: fault.message.slice(0, 4096), type: 'refused', code: fault.code } };
  if (response.headersSent && !response.destroyed && !response.writableEnded)
    response.end(sseText(JSON.stringify(body)));
  if (prepareFault(response, fault)) sendText(response, fault.status, 'application/json', JSON.stringify(body));
}

/** Sets the headers that a fault has in every protocol. @returns whether the fault can still be sent */
export function prepareFault(response: ServerResponse, { status, retryAfterMs }: Fault): boolean {
  if (response.destroyed || response.headersSent) return false;
  const afterMs = retryAfterMs ?? (status === 429 || status === 503 ? RETRY_AFTER_MS : undefined);
  // Whole seconds, rounded up: a caller that comes back then is not early.
  if (afterMs !== undefined) response.setHeader('retry-after', Math.max(1, Math.ceil(afterMs / 1000)));
  // What was not read of a body is not waited for.
  if (!response.req.complete) response.setHeader('connection', 'close');
  return true;
}

export function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(body);
}

/**
 * Sends chunks as server-sent events, each when it comes, with `[DONE]` behind the last. Headers go out with the first, so that a backend that fails at once is
 * still answered with a status. Throws the reason of the signal, and what the chunks throw.
 */
export async function sendEvents(
  response: ServerResponse,
  chunks: AsyncIterable<object>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      if (!response.headersSent) {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      }
      if (next.done === true) break;
      if (!response.write(sseText(JSON.stringify(next.value)))) await once(response, 'drain', { signal });
    }
    response.end(sseText(DONE));
  } catch (error) {
    // Not awaited: a backend that hangs would never give its iterator back.
    iterator.return?.().catch(() => undefined);
    // `once` wraps the signal's reason.
    throw signal.aborted ? signal.reason : error;
  }
}
