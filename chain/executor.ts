import './quiet.ts';
import {
  Api,
  Block,
  Blockchain,
  buildBlock,
  destroyWorker,
  type InherentProvider,
} from '@acala-network/chopsticks-core';
import { hexToU8a, stringToHex } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import type { HexString } from '@polkadot/util/types';
import type { Archive, ArchivedBlock, Header } from './archive.ts';
import { archiveProvider } from './archive-provider.ts';
import { describeInvalidity, type TransactionRefusal } from './transaction-refusal.ts';

/** A transaction that has passed the runtime's checks. */
export interface Transaction {
  extrinsic: HexString;
  hash: HexString;
  signer: string;
  nonce: number;
}

/** What is read of @polkadot's GenericExtrinsic. */
interface SignedExtrinsic {
  signer: { toString(): string };
  nonce: { toNumber(): number };
}

export interface BuiltBlock {
  block: ArchivedBlock;
  /** Transactions that a later block may still take: their turn has not come, or the block was full. */
  postponed: Transaction[];
  /** Transactions that no block will take. */
  refused: Transaction[];
}

const CODE = stringToHex(':code');
const NO_MESSAGES = { upwardMessages: {}, downwardMessages: [], horizontalMessages: {} };

/** Sets the wall clock's time, always later than the parent's. */
const timestampInherent: InherentProvider = {
  async createInherents(block) {
    const meta = await block.meta;
    const parent = await block.read('u64', meta.query['timestamp']!['now']!);
    const now = Math.max(Date.now(), (parent?.toNumber() ?? 0) + 1);
    return [meta.registry.createType('GenericExtrinsic', meta.tx['timestamp']!['set']!(now)).toHex()];
  },
};

/** Runs the runtime over the archive's state. Every block it makes reads its storage from the archive. */
export class Executor {
  readonly #archive: Archive;
  readonly #chain: Blockchain;
  #head: Block;

  constructor(archive: Archive) {
    this.#archive = archive;
    const { number, hash } = archive.head;
    this.#chain = new Blockchain({
      api: new Api(archiveProvider(archive)),
      inherentProviders: [timestampInherent],
      header: { number, hash },
      registeredTypes: {},
      maxMemoryBlockCount: 8,
    });
    this.#head = this.#chain.head;
  }

  /** Asks the runtime whether a transaction could enter the next block; gives it decoded, or why not. */
  async validate(extrinsic: HexString): Promise<Transaction | TransactionRefusal> {
    const validity = await this.#chain.validateExtrinsic(extrinsic);
    if (validity.isErr) return describeInvalidity(validity.asErr);
    const registry = await this.#head.registry;
    const decoded = registry.createType('GenericExtrinsic', hexToU8a(extrinsic)) as unknown as SignedExtrinsic;
    const hash = blake2AsHex(extrinsic, 256);
    return { extrinsic, hash, signer: decoded.signer.toString(), nonce: decoded.nonce.toNumber() };
  }

  /** How many transactions of an account the chain holds: the nonce of its next one. */
  async nonceOf(address: string): Promise<number> {
    const registry = await this.#head.registry;
    const account = registry.createType('AccountId', address).toHex();
    const { result } = await this.#head.call('AccountNonceApi_account_nonce', [account]);
    return registry.createType('u32', hexToU8a(result)).toNumber();
  }

  /** Builds the block after the head from these transactions. It becomes the head only by `advance`. */
  async build(transactions: readonly Transaction[]): Promise<BuiltBlock> {
    const parent = this.#head;
    const errors = new Map<string, boolean>();
    const params = { ...NO_MESSAGES, transactions: transactions.map(({ extrinsic }) => extrinsic) };
    const [block, unapplied] = await buildBlock(parent, [timestampInherent], params, {
      onApplyExtrinsicError: (extrinsic, error) => {
        const later = error.isInvalid && (error.asInvalid.isFuture || error.asInvalid.isExhaustsResources);
        errors.set(extrinsic, later);
      },
    });
    const header = (await block.header).toJSON() as unknown as Header;
    return {
      block: {
        number: block.number,
        hash: block.hash,
        header: { ...header, number: `0x${block.number.toString(16)}` },
        extrinsics: await block.extrinsics,
        changes: this.#changes(block.number, await block.storageDiff()),
      },
      postponed: transactions.filter(({ extrinsic }) => errors.get(extrinsic) === true),
      refused: transactions.filter(({ extrinsic }) => errors.get(extrinsic) === false || unapplied.includes(extrinsic)),
    };
  }

  /** Makes the archive's newest block the head. */
  async advance(): Promise<void> {
    this.#head = this.at(this.#archive.head);
    await this.#chain.setHead(this.#head);
  }

  /** A block whose storage is the archive's, for calls into the runtime. */
  at({ number, hash }: Pick<ArchivedBlock, 'number' | 'hash'>): Block {
    const code = this.#archive.state.get(CODE, number);
    // A block that inherits from another shares its decoded metadata, which takes 100 ms to make anew.
    const sameRuntime = code === this.#archive.state.get(CODE, this.#head.number);
    return new Block(this.#chain, number, hash, sameRuntime ? this.#head : undefined);
  }

  /** What truly changed: chopsticks' difference also holds values that were only read. */
  #changes(number: number, difference: Record<string, string | null | undefined>): Record<string, string | null> {
    const changed: Record<string, string | null> = {};
    for (const [key, value] of Object.entries(difference)) {
      if ((value ?? null) !== this.#archive.state.get(key, number - 1)) changed[key] = value ?? null;
    }
    return changed;
  }
}

/** Ends the thread that runs wasm, which all executors of a process share. */
export async function stopExecutor(): Promise<void> {
  await destroyWorker();
}
