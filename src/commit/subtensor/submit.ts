import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { BlockRef, Signer } from '../../core/chain.ts';
import { ChainUnsupportedError, ExtrinsicRefusedError, OutcomeUnknownError } from '../chain-errors.ts';
import type { Blocks } from './blocks.ts';
import type { Connection } from './connection.ts';
import { isOutage } from './outage.ts';
import { dispatchRefusal, readPoolError } from './refusals.ts';
import { signExtrinsic } from './sign.ts';
import type { ChainEvent, View } from './storage.ts';

/** A call to be signed and brought into a final block. */
export interface Submission<T> {
  pallet: string;
  call: string;
  args: readonly unknown[];
  signer: Signer;
  /**
   * What the call is for, if the chain has it already. Asked before anything is sent, of the state that the nonce is read from: whoever
   * changes that state uses up the nonce, so that two senders can't both succeed.
   */
  settled?: (view: View) => Promise<T | null>;
  /** Throws what would make the call fail. */
  preflight?: (view: View) => Promise<void>;
  /** The result of a call that succeeded in this block. */
  result: (block: BlockRef, events: readonly IndexedEvent[]) => Promise<T>;
}

export type IndexedEvent = ChainEvent & { index: number };

export type Submit = <T>(submission: Submission<T>) => Promise<T>;

/** An extrinsic that a pool may hold. */
interface Sent {
  hex: string;
  nonce: number;
  /** It can be in blocks after this one … */
  after: number;
  /** … up to this one. */
  until: number;
  /** Whether the node is known to have got it. */
  delivered: boolean;
}

const LONGEST_WAIT_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1000;

/** Sends extrinsics over a connection, one at a time for each account. */
export function createSubmit(connection: Connection, blocks: Blocks): Submit {
  const queues = new Map<string, Promise<unknown>>();
  return (submission) => {
    const { address } = submission.signer;
    const before = queues.get(address) ?? Promise.resolve();
    const run = before.then(() => bring(connection, blocks, submission));
    queues.set(
      address,
      run.catch(() => undefined),
    );
    return run;
  };
}

/**
 * Sends until the chain shows the outcome. A lost socket, a restarted node or another sender of the same account only lead back to the
 * top of the loop, which looks at the chain before it sends.
 */
async function bring<T>(connection: Connection, blocks: Blocks, submission: Submission<T>): Promise<T> {
  const look = (first: boolean): Promise<{ settled: T | null; head: number; nonce: number }> =>
    blocks.at(undefined, async (view) => {
      const account = (await view.get('system', 'account', submission.signer.address)) as { nonce: number };
      const settled = first ? ((await submission.settled?.(view)) ?? null) : null;
      if (first && settled === null) await submission.preflight?.(view);
      return { settled, head: view.block.number, nonce: account.nonce };
    });
  const until = Date.now() + LONGEST_WAIT_MS;
  let sent: Sent | null = null;
  let pauseMs = FIRST_PAUSE_MS;
  while (Date.now() < until) {
    const { settled, head, nonce } = await look(sent === null);
    if (sent === null) {
      if (settled !== null) return settled;
      sent = await sign(connection, blocks, submission, nonce);
      sent = await deliver(connection, submission, sent);
    } else if (nonce > sent.nonce) {
      const outcome = await outcomeOf(blocks, submission, sent, head);
      if (outcome !== null) return await outcome();
      sent = null; // another extrinsic had the nonce
      continue;
    } else if (head > sent.until) {
      sent = null; // it was dropped, and can't come back
      continue;
    } else if (!sent.delivered) {
      // Whatever the node answers now, the first delivery may have arrived: only the chain can tell.
      sent = (await deliver(connection, submission, sent)) ?? sent;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  }
  throw new OutcomeUnknownError(nameOf(submission), LONGEST_WAIT_MS);
}

async function sign<T>(
  connection: Connection,
  blocks: Blocks,
  submission: Submission<T>,
  nonce: number,
): Promise<Sent> {
  const { api } = connection;
  const make = api.tx[submission.pallet]?.[submission.call];
  if (make === undefined) throw new ChainUnsupportedError(`call ${nameOf(submission)}`);
  const birth = await blocks.finalized();
  const extrinsic: SubmittableExtrinsic<'promise'> = make(...submission.args);
  const { hex, until } = signExtrinsic(api, extrinsic, { signer: submission.signer, nonce, birth });
  return { hex, nonce, after: birth.number, until, delivered: false };
}

/** Hands the extrinsic to the node. Null when another one has its nonce. Throws ExtrinsicRefusedError. */
async function deliver<T>(connection: Connection, submission: Submission<T>, sent: Sent): Promise<Sent | null> {
  try {
    await connection.send('author_submitExtrinsic', [sent.hex]);
    return { ...sent, delivered: true };
  } catch (error) {
    if (isOutage(error)) return sent; // it may have arrived
    const answer = readPoolError(error);
    if (answer === null) throw error;
    if (answer.kind === 'refused') throw new ExtrinsicRefusedError(nameOf(submission), answer.refusal);
    return answer.kind === 'known' ? { ...sent, delivered: true } : null;
  }
}

/** What became of an extrinsic whose nonce is used: its result or error, once final; null when it is in no block. */
async function outcomeOf<T>(
  blocks: Blocks,
  submission: Submission<T>,
  sent: Sent,
  head: number,
): Promise<(() => Promise<T>) | null> {
  for (let number = sent.after + 1; number <= Math.min(head, sent.until); number++) {
    const hash = await blocks.hash(number);
    const index = (await blocks.extrinsics(hash)).indexOf(sent.hex);
    if (index < 0) continue;
    await finality(blocks, number);
    if ((await blocks.hash(number)) !== hash) return null; // its block was replaced
    const events = await blocks.at(number, async (view) =>
      (await view.events()).map((event, at) => ({ ...event, index: at })).filter((event) => event.extrinsic === index),
    );
    const failure = events.find((event) => event.failure !== null)?.failure;
    if (failure !== undefined && failure !== null) {
      return () => Promise.reject(new ExtrinsicRefusedError(nameOf(submission), dispatchRefusal(failure)));
    }
    return () => submission.result({ number, hash }, events);
  }
  return null;
}

/** Waits until a block's number is final. */
export async function finality(blocks: Blocks, number: number): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; (await blocks.finalized()).number < number;) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  }
}

function nameOf({ pallet, call }: { pallet: string; call: string }): string {
  return `${pallet}.${call}`;
}
