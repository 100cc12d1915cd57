import { errorBody } from '../wire/error-body.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import { BackendBusy, BackendFailed, BackendUnsupported } from './errors.ts';

/** Of what an engine says, in a message of ours. */
const MAX_REASON_CHARACTERS = 300;

/** Statuses by which engines refuse a request or lack a part of the API, whoever asks and whenever. */
const NEVER = new Set([400, 404, 405, 413, 415, 422, 501]);
const BUSY = new Set([429, 503]);

/** The error that an answer other than 200 comes to. */
export function refusalOf(
  backend: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): BackendBusy | BackendFailed | BackendUnsupported {
  if (BUSY.has(status)) return new BackendBusy(backend, retryAfterMs(headers['retry-after']));
  const said = saidError(body);
  const reason = said === null ? `status ${status}` : `status ${status}: ${said}`;
  return NEVER.has(status) ? new BackendUnsupported(backend, reason) : new BackendFailed(backend, reason);
}

/** What a body in the form of the API's errors says; null where it has another form. */
export function saidError(body: string): string | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  const parsed = errorBody.safeParse(json);
  return parsed.success ? parsed.data.error.message.slice(0, MAX_REASON_CHARACTERS) : null;
}
