import './quiet.ts';
import { Api, Block, Blockchain, destroyWorker } from '@acala-network/chopsticks-core';
import { hexToU8a, stringToHex } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import type { HexString } from '@polkadot/util/types';
import type { Archive, ArchivedBlock, Header } from './archive.ts';
import { assembleBlock, type AssembledBlock } from './assemble.ts';
import { archiveProvider } from './archive-provider.ts';
import type { Inherents } from './inherents.ts';
import { extrinsicsRoot, StateTries } from './state-tries.ts';
import { describeInvalidity, describeTrap, type TransactionRefusal } from './transaction-refusal.ts';
import { trieRoot } from '../src/core/trie.ts';

/** A transaction that has passed the runtime's checks. */
export interface Transaction {
  extrinsic: HexString;
  hash: HexString;
  signer: string;
  nonce: number;
}

/** What is read of @polkadot's GenericExtrinsic. */
interface DecodedExtrinsic {
  isSigned: boolean;
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

/** Runs the runtime over the archive's state. Every block it makes reads its storage from the archive. */
export class Executor {
  readonly #archive: Archive;
  readonly #chain: Blockchain;
  readonly #inherents: Inherents;
  readonly #tries: StateTries;
  #head: Block;

  constructor(archive: Archive, inherents: Inherents) {
    this.#archive = archive;
    this.#inherents = inherents;
    this.#tries = new StateTries(archive);
    const { number, hash } = archive.head;
    this.#chain = new Blockchain({
      api: new Api(archiveProvider(archive)),
      inherentProviders: [],
      header: { number, hash },
      registeredTypes: {},
      maxMemoryBlockCount: 8,
    });
    this.#head = this.#chain.head;
  }

  /** Asks the runtime whether a transaction could enter the next block; gives it decoded, or why not. */
  async validate(extrinsic: HexString): Promise<Transaction | TransactionRefusal> {
    const validity = await this.#chain.validateExtrinsic(extrinsic).catch(describeTrap);
    if ('code' in validity) return validity;
    if (validity.isErr) return describeInvalidity(validity.asErr);
    const transaction = await this.decode(extrinsic);
    return transaction ?? { code: 1010, message: 'Invalid Transaction', data: 'Transaction is not signed' };
  }

  /** A signed transaction, decoded; undefined for what a block's author puts into it. */
  async decode(extrinsic: HexString): Promise<Transaction | undefined> {
    const registry = await this.#head.registry;
    const decoded = registry.createType('GenericExtrinsic', hexToU8a(extrinsic)) as unknown as DecodedExtrinsic;
    if (!decoded.isSigned) return undefined;
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

  /** Builds the block of these transactions after another. Only the archive makes it part of the chain. */
  async build(transactions: readonly Transaction[], parent: ArchivedBlock): Promise<BuiltBlock> {
    const on = this.at(parent);
    const inherents = await this.#inherents.after(on);
    const assembled = await assembleBlock(
      on,
      inherents,
      transactions.map(({ extrinsic }) => extrinsic),
    );
    return {
      block: await this.#seal(assembled, parent),
      postponed: transactions.filter(({ extrinsic }) => assembled.left.get(extrinsic) === 'later'),
      refused: transactions.filter(({ extrinsic }) => assembled.left.get(extrinsic) === 'never'),
    };
  }

  /** Proof of what keys hold after a block: nodes of the trie whose root its header has. */
  prove(block: ArchivedBlock, keys: readonly string[]): HexString[] {
    return this.#tries.prove(block, keys);
  }

  /** Makes the archive's newest block the head. */
  async advance(): Promise<void> {
    this.#head = this.at(this.#archive.head);
    await this.#chain.setHead(this.#head);
  }

  /** A block whose storage is the archive's, for calls into the runtime. */
  at(block: ArchivedBlock): Block {
    if (block.hash === this.#head.hash) return this.#head;
    const code = this.#archive.value(block, CODE);
    // A block that inherits from another shares its decoded metadata, which takes 100 ms to make anew.
    const head = this.#archive.byHash(this.#head.hash);
    const sameRuntime = head !== undefined && code === this.#archive.value(head, CODE);
    return new Block(this.#chain, block.number, block.hash, sameRuntime ? this.#head : undefined);
  }

  /** What the runtime made of a block, under a header with its roots. */
  async #seal(
    { parentHash, number, extrinsics, storage }: AssembledBlock,
    parent: ArchivedBlock,
  ): Promise<ArchivedBlock> {
    const changes = this.#changes(parent, storage);
    const trie = this.#tries.after(parent, changes);
    const header: Header = {
      parentHash,
      number: `0x${number.toString(16)}`,
      stateRoot: trieRoot(trie),
      extrinsicsRoot: extrinsicsRoot(extrinsics),
      digest: { logs: [] },
    };
    const hash = (await this.#head.registry).createType('Header', header).hash.toHex();
    this.#tries.keep(hash, trie);
    return { number, hash, header, extrinsics, changes };
  }

  /** What truly changed: the runtime's storage also holds values that were only read. */
  #changes(parent: ArchivedBlock, difference: AssembledBlock['storage']): ArchivedBlock['changes'] {
    const changed: ArchivedBlock['changes'] = {};
    for (const [key, value] of Object.entries(difference)) {
      if ((value ?? null) !== this.#archive.value(parent, key)) changed[key] = value ?? null;
    }
    return changed;
  }
}

/** Ends the thread that runs wasm, which all executors of a process share. */
export async function stopExecutor(): Promise<void> {
  await destroyWorker();
}
