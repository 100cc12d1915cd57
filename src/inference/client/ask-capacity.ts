import { z } from 'zod';
import { capacityStatement } from '../server/statements.ts';
import type { MinerHttp } from './miner-http.ts';
import type { AskedMiner } from './task-client.ts';

const BODY = new TextEncoder().encode('{"ask":"capacity"}');
/** A thousand tasks of some 200 bytes each, and room. */
const MAX_STATEMENT_BYTES = 512 * 1024;
/** A miner that takes longer for a short text than this has no time to serve. */
const TIMEOUT_MS = 10_000;
/** How far a statement's time may lie from ours: an old one, or one made ahead, says nothing of now. */
const WINDOW_MS = 60_000;

const signedCapacity = capacityStatement.extend({ signature: z.string().regex(/^[0-9a-f]{128}$/) });
/** A miner's statement with its signature, which is still to be checked. */
export type SignedCapacity = z.output<typeof signedCapacity>;

/** What a miner states that it serves; null where it says nothing that could be its own statement of now. */
export async function askCapacity(
  http: MinerHttp,
  miner: AskedMiner,
  { netuid, nowMs, signal }: { netuid: number; nowMs: () => number; signal?: AbortSignal | undefined },
): Promise<SignedCapacity | null> {
  const pieces: Uint8Array[] = [];
  const came = await http.post(miner, {
    ...{ path: '/v1/capacity', body: BODY, accept: 'application/json', task: null, signal },
    ...{ timeoutMs: TIMEOUT_MS, maxBytes: MAX_STATEMENT_BYTES },
    read: (bytes) => void pieces.push(bytes),
  });
  if (came.outcome !== 'read') return null;
  const parsed = signedCapacity.safeParse(jsonIn(Buffer.concat(pieces).toString()));
  if (!parsed.success) return null;
  const { hotkey, netuid: stated, stated_at_ms } = parsed.data;
  const isOwn = hotkey === miner.hotkey && stated === netuid;
  return isOwn && Math.abs(nowMs() - stated_at_ms) <= WINDOW_MS ? parsed.data : null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
