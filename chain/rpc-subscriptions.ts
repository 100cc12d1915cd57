import { EventEmitter } from 'node:events';
import { stringToHex } from '@polkadot/util';
import type { HexString } from '@polkadot/util/types';
import type { ArchivedBlock } from './archive.ts';
import { accepted, hex, hexes, type RpcContext, type RpcMethod } from './rpc-method.ts';
import type { Notify } from './rpc-session.ts';

const CODE = stringToHex(':code');

/** Subscriptions to heads, storage, the runtime's version and single transactions, and their ends. */
export function subscriptionMethods(context: RpcContext): Record<string, RpcMethod> {
  const heads = (event: string): RpcMethod => {
    return (_params, session) => session.subscribe(event, (notify) => followHeads(context, notify));
  };
  const unsubscribe: RpcMethod = ([subscription], session) => session.unsubscribe(String(subscription));
  return {
    chain_subscribeNewHeads: heads('chain_newHead'),
    chain_subscribeNewHead: heads('chain_newHead'),
    chain_subscribeAllHeads: heads('chain_allHead'),
    chain_subscribeFinalizedHeads: heads('chain_finalizedHead'),
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

function followHeads({ archive, producer }: RpcContext, notify: Notify): () => void {
  const announce = (block: ArchivedBlock): void => notify(block.header);
  announce(archive.head);
  producer.on('block', announce);
  return () => producer.off('block', announce);
}

/** Tells the values now, then what changes. */
function followStorage({ archive, producer }: RpcContext, keys: HexString[], notify: Notify): () => void {
  const now = archive.head;
  notify({ block: now.hash, changes: keys.map((key) => [key, archive.state.get(key, now.number)]) });
  const announce = (block: ArchivedBlock): void => {
    const changes = keys.filter((key) => key in block.changes).map((key) => [key, block.changes[key]]);
    if (changes.length > 0) notify({ block: block.hash, changes });
  };
  producer.on('block', announce);
  return () => producer.off('block', announce);
}

function followRuntime({ archive, executor, producer }: RpcContext, notify: Notify): () => void {
  const announce = (block: ArchivedBlock): void => {
    executor.at(block).runtimeVersion.then(notify, () => undefined);
  };
  const onBlock = (block: ArchivedBlock): void => {
    if (CODE in block.changes) announce(block);
  };
  announce(archive.head);
  producer.on('block', onBlock);
  return () => producer.off('block', onBlock);
}

/**
 * Follows a transaction from before it enters the pool, so that a block which takes it at once is not missed; what
 * happened before the client knew its subscription is told when it does.
 */
function watchTransaction({ producer }: RpcContext, extrinsic: HexString) {
  const statuses = new EventEmitter<{ status: [unknown] }>();
  const told: unknown[] = ['ready'];
  const tell = (...news: unknown[]): void => {
    close();
    told.push(...news);
    for (const status of news) statuses.emit('status', status);
  };
  const onBlock = (block: ArchivedBlock): void => {
    if (block.extrinsics.includes(extrinsic)) tell({ inBlock: block.hash }, { finalized: block.hash });
  };
  const onRefused = (refused: HexString): void => {
    if (refused === extrinsic) tell('invalid');
  };
  const close = (): void => {
    producer.off('block', onBlock);
    producer.off('refused', onRefused);
  };
  producer.on('block', onBlock);
  producer.on('refused', onRefused);
  const open = (notify: Notify): (() => void) => {
    told.forEach(notify);
    statuses.on('status', notify);
    return close;
  };
  return { open, close };
}
