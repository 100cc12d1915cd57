import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { BlockRef, Signer } from '../../core/chain.ts';
import {
  BlockNotThereError,
  ChainUnsupportedError,
  ExtrinsicRefusedError,
  OutcomeUnknownError,
} from '../chain-errors.ts';
import { finality } from './blocks.ts';
import type { Blocks } from './blocks.ts';
import type { Connection } from './connection.ts';
import { isOutage, isUnknownBlock } from './outage.ts';
import { dispatchRefusal, readPoolError } from './refusals.ts';
import type { Refusal } from './refusals.ts';
import { LIFETIME_BLOCKS, signExtrinsic } from './sign.ts';
import { nameOf } from './submission.ts';
import type { Call, Submission, Submit } from './submission.ts';
import type { View } from './storage.ts';

/** An extrinsic that a pool may hold. */
interface Sent {
  address: string;
  hex: string;
  nonce: number;
  /** Final blocks up to this one don't have it. */
  scanned: number;
  /** The last block that can have it. */
  until: number;
}

type Delivery = { kind: 'taken' | 'lost' | 'contended' } | { kind: 'refused'; refusal: Refusal };

const LONGEST_WAIT_MS = 20 * 60_000;
const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 1000;
const REDELIVERY_MS = 2000;
/** How far behind the best block an extrinsic's birth may lie: with finality that lags more it would have no life left. */
const MAX_AGE_AT_BIRTH = LIFETIME_BLOCKS / 2;

/** Sends extrinsics over a connection, one at a time for each account. */
export function createSubmit(connection: Connection, blocks: Blocks): Submit {
  const queues = new Map<string, Promise<unknown>>();
  return (submission, signer) => {
    const before = queues.get(signer.address) ?? Promise.resolve();
    const run = before.then(() => bring({ connection, blocks, signer }, submission));
    queues.set(
      signer.address,
      run.catch(() => undefined),
    );
    return run;
  };
}

interface Sender {
  connection: Connection;
  blocks: Blocks;
  signer: Signer;
}

/**
 * Sends until a final block shows the outcome. No second extrinsic is signed while the first can still get into a block: only where final
 * blocks show that its nonce is used or its life is over is it given up. So neither a lost socket, a restarted node, a replaced block
 * nor another sender of the same account leads to two, or to none.
 */
async function bring<T>(sender: Sender, submission: Submission<T>): Promise<T> {
  const { connection, blocks } = sender;
  const until = Date.now() + LONGEST_WAIT_MS;
  let call = 'the call';
  let sent: Sent | null = null;
  let deliverAgainAtMs = 0;
  for (let pauseMs = FIRST_PAUSE_MS; Date.now() < until; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    if (sent === null) {
      const seen = await blocks.at(undefined, (view) => look(view, submission));
      if (seen.call === null) {
        const settled = await settledForGood(blocks, submission, seen.block.number);
        if (settled !== null) return settled;
      } else {
        call = nameOf(seen.call);
        sent = await sign(sender, seen.call, seen);
        const delivery = await deliver(connection, sent.hex);
        if (delivery.kind === 'refused') throw new ExtrinsicRefusedError(call, delivery.refusal);
        if (delivery.kind === 'contended') sent = null; // another one waits with its nonce
        deliverAgainAtMs = delivery.kind === 'lost' ? 0 : Date.now() + REDELIVERY_MS;
      }
    } else {
      const fate = await fateOf(blocks, sent);
      if (fate === 'gone') {
        sent = null;
        continue;
      }
      if (fate !== 'open') return await outcomeOf(blocks, submission, { call, ...fate });
      if (Date.now() >= deliverAgainAtMs) {
        // Another node, or one whose block was replaced, may not have it. The answer says nothing: an earlier delivery may have arrived.
        await deliver(connection, sent.hex);
        deliverAgainAtMs = Date.now() + REDELIVERY_MS;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new OutcomeUnknownError(call, LONGEST_WAIT_MS);
}

/** What there is to send, as the chain stands at the view. Throws what would make the call fail. */
async function look<T>(
  view: View,
  submission: Submission<T>,
): Promise<{ block: BlockRef } & ({ call: null } | { call: Call; nonce: number })> {
  const { block } = view;
  // Asked of the same state as the nonce: whoever changes that state uses up the nonce, so that two senders can't both succeed.
  const { nonce } = (await view.get('system', 'account', submission.address)) as { nonce: number };
  if (submission.settled !== undefined && (await submission.settled(view)) !== null) return { block, call: null };
  const preflight = await submission.preflight?.(view);
  if (preflight !== undefined && preflight.error !== null) throw preflight.error;
  return { block, call: await submission.build(view), nonce };
}

/** What the chain has at its final head, once a block's number is final; null when a replacement took it away. */
async function settledForGood<T>(blocks: Blocks, submission: Submission<T>, number: number): Promise<T | null> {
  await finality(blocks, number);
  return await blocks.at(await blocks.finalized(), async (view) => (await submission.settled?.(view)) ?? null);
}

/** An extrinsic that is not signed yet. Throws ChainUnsupportedError. */
export function extrinsicOf(api: ApiPromise, call: Call): SubmittableExtrinsic<'promise'> {
  const make = api.tx[call.pallet]?.[call.name];
  if (make === undefined) throw new ChainUnsupportedError([`call ${nameOf(call)}`]);
  return make(...call.args);
}

async function sign(sender: Sender, call: Call, seen: { block: BlockRef; nonce: number }): Promise<Sent> {
  const { connection, blocks, signer } = sender;
  const { nonce } = seen;
  const final = await blocks.finalized();
  const oldest = seen.block.number - MAX_AGE_AT_BIRTH;
  const birth = final.number >= oldest ? final : { number: oldest, hash: await blocks.hash(oldest) };
  const extrinsic = extrinsicOf(connection.api, call);
  const { hex, until } = await signExtrinsic(connection.api, extrinsic, { signer, nonce, birth });
  return { address: signer.address, hex, nonce, scanned: Math.min(final.number, birth.number), until };
}

async function deliver(connection: Connection, hex: string): Promise<Delivery> {
  try {
    await connection.send('author_submitExtrinsic', [hex]);
    return { kind: 'taken' };
  } catch (error) {
    if (isOutage(error)) return { kind: 'lost' }; // it may have arrived
    const answer = readPoolError(error);
    if (answer === null) throw error;
    return answer.kind === 'known' ? { kind: 'taken' } : answer;
  }
}

/** Where an extrinsic stands in final blocks, that it will be in none, or that this is open. */
async function fateOf(blocks: Blocks, sent: Sent): Promise<{ block: BlockRef; index: number } | 'gone' | 'open'> {
  try {
    const final = await blocks.finalized();
    for (let number = sent.scanned + 1; number <= Math.min(final.number, sent.until); number++) {
      const hash = await blocks.hash(number);
      const index = (await blocks.extrinsics(hash)).indexOf(sent.hex);
      if (index >= 0) return { block: { number, hash }, index };
      sent.scanned = number;
    }
    if (sent.scanned >= sent.until) return 'gone';
    return await blocks.at(final, async (view) => {
      const account = (await view.get('system', 'account', sent.address)) as { nonce: number };
      return account.nonce > sent.nonce ? 'gone' : 'open';
    });
  } catch (error) {
    // A node that lags behind the one asked before will catch up.
    if (error instanceof BlockNotThereError || isUnknownBlock(error)) return 'open';
    throw error;
  }
}

async function outcomeOf<T>(
  blocks: Blocks,
  submission: Submission<T>,
  { call, block, index }: { call: string; block: BlockRef; index: number },
): Promise<T> {
  const events = await blocks.at(block, async (view) =>
    (await view.events()).map((event, at) => ({ ...event, index: at })).filter((event) => event.extrinsic === index),
  );
  const failure = events.find((event) => event.failure !== null)?.failure;
  if (failure !== undefined && failure !== null) throw new ExtrinsicRefusedError(call, dispatchRefusal(failure));
  return await submission.result(block, events);
}
