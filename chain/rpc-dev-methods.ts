import { InvalidInputError, SeineError } from '../src/core/errors.ts';
import type { ChainControls } from './controls.ts';
import type { Reorganisation } from './block-producer.ts';
import type { RpcMethod } from './rpc-method.ts';
import { RpcError } from './rpc-session.ts';

/** Methods that no Substrate node has: the chain's controls. Each takes one object and gives null or the newest block's hash. */
export function devMethods(controls: ChainControls): Record<string, RpcMethod> {
  return {
    dev_newBlock: answer((options: { count?: number }) => controls.newBlocks(options.count ?? 1)),
    dev_setFinality: answer((options: { lag?: number }) => controls.setFinality(options.lag ?? 0)),
    dev_reorganise: answer((options: Partial<Reorganisation>) => {
      return controls.reorganise({ depth: options.depth ?? 1, transactions: options.transactions ?? 'requeue' });
    }),
    dev_publishRound: answer((options: { round?: number }) => controls.publishRound(options.round ?? 0)),
    dev_dropConnections: answer(() => Promise.resolve(controls.dropConnections())),
  };
}

function answer<Options>(call: (options: Options) => Promise<unknown>): RpcMethod {
  return async ([options]) => {
    try {
      return await call((options ?? {}) as Options);
    } catch (error) {
      if (error instanceof InvalidInputError) throw new RpcError(-32602, error.message);
      if (error instanceof SeineError) throw new RpcError(-32000, error.message);
      throw error;
    }
  };
}
