import type { Task } from '../tasks/task.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';

/** A miner as it is asked. */
export interface AskedMiner {
  /** SS58 address: requests are signed for it. */
  hotkey: string;
  /** `http://` or `https://` with IP address and port, from its axon on chain. */
  base: string;
}

/** What came of a request to a miner; times in milliseconds from the first byte that was sent. */
export type AskOutcome =
  | { outcome: 'answered'; answer: TaskAnswer; elapsed_ms: number; first_ms: number }
  /** 429. */
  | { outcome: 'limited'; retry_after_ms: number | null; elapsed_ms: number }
  /** `reason` is one stable word: `timed_out`, `unreachable`, `refused_<status>`, `malformed`, `too_large`, … */
  | { outcome: 'failed'; reason: string; elapsed_ms: number };

/** Asks miners; synthetic and organic requests go by the very same call, so that nothing on the wire tells them apart. */
export interface TaskClient {
  /** Never throws for what a miner does; the caller's own abort rejects with its reason, and a signer that fails with its error. */
  ask: (miner: AskedMiner, task: Task, request: TaskRequest, signal?: AbortSignal) => Promise<AskOutcome>;
  close: () => Promise<void>;
}
