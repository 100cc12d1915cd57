import type { Api } from '@acala-network/chopsticks-core';
import type { Archive, ArchivedBlock } from './archive.ts';

/** The chain's name and units, as `system_*` methods give them. */
export const CHAIN_NAME = 'Seine Development';
export const NODE_NAME = 'seine-development-chain';
export const CHAIN_PROPERTIES = { ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' };

type ProviderInterface = ConstructorParameters<typeof Api>[0];

/** The archive, as the remote node that chopsticks reads blocks and storage from. */
export function archiveProvider(archive: Archive): ProviderInterface {
  const blockOf = (hash: unknown): ArchivedBlock => {
    const block = typeof hash === 'string' ? archive.byHash(hash) : archive.head;
    if (block === undefined) throw new Error('A block is asked for that is not in the archive.');
    return block;
  };
  const methods: Record<string, (...params: unknown[]) => unknown> = {
    system_chain: () => CHAIN_NAME,
    system_name: () => NODE_NAME,
    system_properties: () => CHAIN_PROPERTIES,
    chain_getHeader: (hash) => blockOf(hash).header,
    chain_getBlock: (hash) => ({ block: { header: blockOf(hash).header, extrinsics: blockOf(hash).extrinsics } }),
    chain_getBlockHash: (number) => archive.byNumber(Number(number))?.hash,
    chain_getFinalizedHead: () => archive.final.hash,
    state_getStorage: (key, hash) => archive.value(blockOf(hash), String(key)),
    state_getKeysPaged: (prefix, limit, startKey, hash) =>
      archive.keys(blockOf(hash), String(prefix), Number(limit), String(startKey)),
    state_queryStorageAt: (keys, hash) => {
      const block = blockOf(hash);
      return [{ changes: (keys as string[]).map((key) => [key, archive.value(block, key)]) }];
    },
  };
  const provider: ProviderInterface = {
    hasSubscriptions: false,
    isClonable: true,
    isConnected: true,
    clone: () => archiveProvider(archive),
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    on: () => () => undefined,
    send: <T>(method: string, params: unknown[]) => {
      const answer = methods[method];
      if (answer === undefined) return Promise.reject(new Error(`${method} is not something an archive answers.`));
      return Promise.resolve(answer(...params) as T);
    },
    subscribe: () => Promise.reject(new Error('An archive has no subscriptions.')),
    unsubscribe: () => Promise.reject(new Error('An archive has no subscriptions.')),
  };
  return provider;
}
