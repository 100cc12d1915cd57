import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import type { ApiOptions, SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import { stringToHex } from '@polkadot/util';

export const TAO = 1_000_000_000;

const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });

/** A development key by its name, such as `Alice`. */
export function keyOf(name: string): KeyringPair {
  return keyring.addFromUri(`//${name}`);
}

/** What became of a transaction: its statuses in order, and the module error where the call failed. */
export interface Sent {
  statuses: string[];
  block: number;
  blockHash: string;
  events: string[];
  error: string | undefined;
}

/** The development chain as its tests see it, over the library that Seine speaks to chains with. */
export class ChainClient {
  readonly api: ApiPromise;
  readonly provider: WsProvider;

  private constructor(api: ApiPromise, provider: WsProvider) {
    this.api = api;
    this.provider = provider;
  }

  static async connect(endpoint: string): Promise<ChainClient> {
    const provider = new WsProvider(endpoint, 100);
    // @polkadot's own declarations disagree under exactOptionalPropertyTypes.
    const over = provider as unknown as ApiOptions['provider'] & object;
    return new ChainClient(
      await ApiPromise.create({ provider: over, noInitWarn: true, throwOnConnect: true }),
      provider,
    );
  }

  async close(): Promise<void> {
    await this.api.disconnect();
  }

  rpc<Result>(method: string, ...params: unknown[]): Promise<Result> {
    return this.provider.send(method, params);
  }

  tx(pallet: string, call: string, ...args: unknown[]): SubmittableExtrinsic<'promise'> {
    const create = this.api.tx[pallet]?.[call];
    if (create === undefined) throw new Error(`The chain has no ${pallet}.${call}.`);
    return create(...args);
  }

  commitment(netuid: number, text: string): SubmittableExtrinsic<'promise'> {
    const fields = [{ [`Raw${text.length}`]: stringToHex(text) }];
    return this.tx('commitments', 'setCommitment', netuid, { fields });
  }

  /** What a storage item holds after a block (the best one without a hash), as JSON. */
  async query(pallet: string, item: string, args: unknown[] = [], hash?: string): Promise<unknown> {
    const at = hash === undefined ? this.api : await this.api.at(hash);
    const read = at.query[pallet]?.[item];
    if (read === undefined) throw new Error(`The chain has no ${pallet}.${item}.`);
    return (await read(...args)).toJSON();
  }

  /** Sends a transaction and waits until it is in a block, or final, or gone. Rejects where the pool refuses it. */
  async send(
    call: SubmittableExtrinsic<'promise'>,
    signer: KeyringPair,
    until: 'inBlock' | 'finalized' | 'dropped' = 'finalized',
  ): Promise<Sent> {
    const sent = this.watch(call, signer);
    return sent.until(until);
  }

  /** Sends a transaction; what becomes of it is told as it comes. */
  watch(call: SubmittableExtrinsic<'promise'>, signer: KeyringPair) {
    const statuses: string[] = [];
    const waiting: { until: string; resolve: (sent: Sent) => void; reject: (error: Error) => void }[] = [];
    let newest: Sent = { statuses, block: 0, blockHash: '', events: [], error: undefined };
    let failure: Error | undefined;
    const settle = (): void => {
      for (const one of waiting) {
        if (failure !== undefined) one.reject(failure);
        else if (statuses.includes(one.until)) one.resolve(newest);
      }
    };
    call
      .signAndSend(signer, { nonce: -1 }, (result) => {
        const status = result.status;
        statuses.push(status.type.charAt(0).toLowerCase() + status.type.slice(1));
        if (status.isInBlock || status.isFinalized) {
          const error = result.dispatchError;
          newest = {
            statuses,
            block: (result as unknown as { blockNumber: { toNumber(): number } }).blockNumber.toNumber(),
            blockHash: (status.isInBlock ? status.asInBlock : status.asFinalized).toHex(),
            events: result.events.map(({ event }) => `${event.section}.${event.method}`),
            error: error?.isModule ? this.api.registry.findMetaError(error.asModule).name : error?.type,
          };
        }
        settle();
      })
      .catch((error: unknown) => {
        failure = error as Error;
        settle();
      });
    return {
      statuses,
      until: (until: string) =>
        new Promise<Sent>((resolve, reject) => {
          waiting.push({ until, resolve, reject });
          settle();
        }),
    };
  }

  async newBlocks(count: number): Promise<void> {
    if (count > 0) await this.rpc('dev_newBlock', { count });
  }

  async headNumber(): Promise<number> {
    return Number((await this.rpc<{ number: string }>('chain_getHeader')).number);
  }

  async finalNumber(): Promise<number> {
    const hash = await this.rpc<string>('chain_getFinalizedHead');
    return Number((await this.rpc<{ number: string }>('chain_getHeader', hash)).number);
  }

  /** Builds blocks up to the first of the subnet's next epoch. */
  async nextEpoch(netuid: number): Promise<void> {
    const start = (await this.api.call['subnetInfoRuntimeApi']?.['getNextEpochStartBlock']?.(netuid))?.toJSON();
    await this.newBlocks(Number(start) - (await this.headNumber()));
  }
}
