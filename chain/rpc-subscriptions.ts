import { EventEmitter } from 'node:events';
import { stringToHex } from '@polkadot/util';
import type { HexString } from '@polkadot/util/types';
import type { ArchivedBlock } from './archive.ts';
import { accepted, hex, hexes, type RpcContext, type RpcMethod } from './rpc-method.ts';
import type { Notify } from './rpc-session.ts';

const CODE = stringToHex(':code');

/** Subscriptions to heads, storage, the runtime's version and single transactions, and their ends. */
export function subscriptionMethods(context: RpcContext): Record<string, RpcMethod> {
  const heads = (event: string, follow: typeof followBest): RpcMethod => {
    return (_params, session) => session.subscribe(event, (notify) => follow(context, notify));
  };
  const unsubscribe: RpcMethod = ([subscription], session) => session.unsubscribe(String(subscription));
  return {
    chain_subscribeNewHeads: heads('chain_newHead', followBest),
    chain_subscribeNewHead: heads('chain_newHead', followBest),
    chain_subscribeAllHeads: heads('chain_allHead', followAll),
    chain_subscribeFinalizedHeads: heads('chain_finalizedHead', followFinal),
    chain_unsubscribeNewHeads: unsubscribe,
    chain_unsubscribeNewHead: unsubscribe,
    chain_unsubscribeAllHeads: unsubscribe,
    chain_unsubscribeFinalizedHeads: unsubscribe,
    state_subscribeStorage: ([keys], session) => {
      const watched = hexes(keys);
      return session.subscribe('state_storage', (notify) => followStorage(context, watched, notify));
    },
    state_unsubscribeStorage: unsubscribe,
    state_subscribeRuntimeVersion: (_params, session) => {
      return session.subscribe('state_runtimeVersion', (notify) => followRuntime(context, notify));
    },
    state_unsubscribeRuntimeVersion: unsubscribe,
    author_submitAndWatchExtrinsic: async ([extrinsic], session) => {
      const transaction = hex(extrinsic);
      const watch = watchTransaction(context, transaction);
      try {
        accepted(await context.producer.submit(transaction));
      } catch (error) {
        watch.close();
        throw error;
      }
      return session.subscribe('author_extrinsicUpdate', watch.open);
    },
    author_unwatchExtrinsic: unsubscribe,
  };
}

type BlockEvent = (block: ArchivedBlock, how: { best: boolean }) => void;

/** Tells each best block. A reorganisation shows as a head whose parent was not told. */
function followBest({ archive, producer }: RpcContext, notify: Notify): () => void {
  const announce: BlockEvent = (block, { best }) => best && notify(block.header);
  announce(archive.head, { best: true });
  producer.on('block', announce);
  return () => producer.off('block', announce);
}

/** Tells each block as it is made, of whatever branch. */
function followAll({ archive, producer }: RpcContext, notify: Notify): () => void {
  const announce = (block: ArchivedBlock): void => notify(block.header);
  announce(archive.head);
  producer.on('block', announce);
  return () => producer.off('block', announce);
}

/** Tells the newest final block. Where several become final at once, the others are not told, as with a Substrate node. */
function followFinal({ archive, producer }: RpcContext, notify: Notify): () => void {
  const announce = (): void => notify(archive.final.header);
  announce();
  producer.on('final', announce);
  return () => producer.off('final', announce);
}

/** Tells the values now, then what changes from one best block to the next. */
function followStorage({ archive, producer }: RpcContext, keys: HexString[], notify: Notify): () => void {
  const told = new Map<string, string | null>();
  const announce = (block: ArchivedBlock): void => {
    const changes = keys
      .map((key) => [key, archive.value(block, key)] as const)
      .filter(([key, value]) => !told.has(key) || told.get(key) !== value);
    for (const [key, value] of changes) told.set(key, value);
    if (changes.length > 0) notify({ block: block.hash, changes });
  };
  const onBlock: BlockEvent = (block, { best }) => best && announce(block);
  announce(archive.head);
  producer.on('block', onBlock);
  return () => producer.off('block', onBlock);
}

function followRuntime({ archive, executor, producer }: RpcContext, notify: Notify): () => void {
  let code: string | null = null;
  const announce = (block: ArchivedBlock): void => {
    const now = archive.value(block, CODE);
    if (now === code) return;
    code = now;
    executor.at(block).runtimeVersion.then(notify, () => undefined);
  };
  const onBlock: BlockEvent = (block, { best }) => best && announce(block);
  announce(archive.head);
  producer.on('block', onBlock);
  return () => producer.off('block', onBlock);
}

/**
 * Follows a transaction from before it enters the pool until it is final or refused, so that a block which takes it at once
 * is not missed; what happened before the client knew its subscription is told when it does.
 */
function watchTransaction({ producer }: RpcContext, extrinsic: HexString) {
  const statuses = new EventEmitter<{ status: [unknown] }>();
  const told: unknown[] = ['ready'];
  const tell = (status: unknown, { last = false } = {}): void => {
    told.push(status);
    statuses.emit('status', status);
    if (last) close();
  };
  const holds = (block: ArchivedBlock): boolean => block.extrinsics.includes(extrinsic);
  const onBlock = (block: ArchivedBlock): void => {
    if (holds(block)) tell({ inBlock: block.hash });
  };
  const onRetracted = (block: ArchivedBlock): void => {
    if (holds(block)) tell({ retracted: block.hash });
  };
  const onFinal = (blocks: ArchivedBlock[]): void => {
    const block = blocks.find(holds);
    if (block !== undefined) tell({ finalized: block.hash }, { last: true });
  };
  const onRefused = (refused: HexString): void => {
    if (refused === extrinsic) tell('invalid', { last: true });
  };
  const onDropped = (dropped: HexString): void => {
    if (dropped === extrinsic) tell('dropped', { last: true });
  };
  const close = (): void => {
    producer.off('block', onBlock).off('retracted', onRetracted).off('final', onFinal);
    producer.off('refused', onRefused).off('dropped', onDropped);
  };
  producer.on('block', onBlock).on('retracted', onRetracted).on('final', onFinal);
  producer.on('refused', onRefused).on('dropped', onDropped);
  const open = (notify: Notify): (() => void) => {
    told.forEach(notify);
    statuses.on('status', notify);
    return close;
  };
  return { open, close };
}
