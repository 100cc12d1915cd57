import { CHAIN_NAME, CHAIN_PROPERTIES, NODE_NAME } from './archive-provider.ts';
import { devMethods } from './rpc-dev-methods.ts';
import { accepted, blockAt, hex, hexes, stateAt, type RpcContext, type RpcMethod } from './rpc-method.ts';
import { RpcError } from './rpc-session.ts';
import { subscriptionMethods } from './rpc-subscriptions.ts';

/** Keys that one `state_getKeysPaged` may ask for, as Substrate has it. */
const MAX_KEYS = 1000;

/** Every method that the chain serves, by name: what @polkadot/api and Python's async-substrate-interface need. */
export function rpcMethods(context: RpcContext): Record<string, RpcMethod> {
  const methods: Record<string, RpcMethod> = {
    ...systemMethods(context),
    ...chainMethods(context),
    ...stateMethods(context),
    ...authorMethods(context),
    ...devMethods(context.controls),
    ...subscriptionMethods(context),
    rpc_methods: () => ({ methods: Object.keys(methods).sort() }),
  };
  return methods;
}

function systemMethods({ executor, producer }: RpcContext): Record<string, RpcMethod> {
  const accountNextIndex: RpcMethod = async ([address]) => {
    if (typeof address !== 'string') throw new RpcError(-32602, 'an address expected');
    return (await executor.nonceOf(address)) + producer.pendingOf(address);
  };
  return {
    system_chain: () => CHAIN_NAME,
    system_chainType: () => 'Development',
    system_name: () => NODE_NAME,
    system_version: () => '1.0.0',
    system_properties: () => CHAIN_PROPERTIES,
    system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
    system_nodeRoles: () => ['Authority'],
    system_localListenAddresses: () => [],
    system_accountNextIndex: accountNextIndex,
    account_nextIndex: accountNextIndex,
  };
}

function chainMethods({ archive }: RpcContext): Record<string, RpcMethod> {
  return {
    chain_getBlockHash: ([number]) => {
      if (number === undefined || number === null) return archive.head.hash;
      const hashOf = (of: unknown) => archive.byNumber(Number(of))?.hash ?? null;
      return Array.isArray(number) ? number.map(hashOf) : hashOf(number);
    },
    chain_getHeader: ([hash]) => blockAt(archive, hash)?.header ?? null,
    chain_getBlock: ([hash]) => {
      const block = blockAt(archive, hash);
      return block && { block: { header: block.header, extrinsics: block.extrinsics }, justifications: null };
    },
    chain_getFinalizedHead: () => archive.final.hash,
    chain_getFinalisedHead: () => archive.final.hash,
    chain_getHead: () => archive.head.hash,
  };
}

function stateMethods(context: RpcContext): Record<string, RpcMethod> {
  const { archive, executor } = context;
  const getStorage: RpcMethod = ([key, hash]) => archive.value(stateAt(context, hash), hex(key));
  const queryStorageAt: RpcMethod = ([keys, hash]) => {
    const block = stateAt(context, hash);
    return [{ block: block.hash, changes: hexes(keys).map((key) => [key, archive.value(block, key)]) }];
  };
  const getRuntimeVersion: RpcMethod = ([hash]) => executor.at(stateAt(context, hash)).runtimeVersion;
  return {
    state_getStorage: getStorage,
    state_getStorageAt: getStorage,
    state_getStorageSize: ([key, hash]) => {
      const value = archive.value(stateAt(context, hash), hex(key));
      return value === null ? null : value.length / 2 - 1;
    },
    state_queryStorageAt: queryStorageAt,
    state_getKeysPaged: ([prefix, limit, startKey, hash]) => {
      const count = Math.min(Number(limit), MAX_KEYS);
      const start = startKey === undefined || startKey === null ? '' : hex(startKey);
      return archive.keys(stateAt(context, hash), hex(prefix), count, start);
    },
    state_getReadProof: ([keys, hash]) => {
      const block = stateAt(context, hash);
      return { at: block.hash, proof: executor.prove(block, hexes(keys)) };
    },
    state_getMetadata: ([hash]) => executor.at(stateAt(context, hash)).metadata,
    state_getRuntimeVersion: getRuntimeVersion,
    chain_getRuntimeVersion: getRuntimeVersion,
    state_call: async ([method, data, hash]) => {
      const block = executor.at(stateAt(context, hash));
      const { result } = await block.call(String(method), [hex(data)]).catch((error: unknown) => {
        throw new RpcError(4003, 'Client error: Execution failed', String(error));
      });
      return result;
    },
  };
}

function authorMethods({ producer }: RpcContext): Record<string, RpcMethod> {
  return {
    author_submitExtrinsic: async ([extrinsic]) => accepted(await producer.submit(hex(extrinsic))),
    author_pendingExtrinsics: () => producer.pending,
  };
}
