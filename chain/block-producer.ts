import { EventEmitter } from 'node:events';
import type { HexString } from '@polkadot/util/types';
import type { Archive, ArchivedBlock } from './archive.ts';
import type { Executor, Transaction } from './executor.ts';
import { ALREADY_IMPORTED, type TransactionRefusal } from './transaction-refusal.ts';

/** When blocks are built: at once when transactions wait, or one every interval, empty or not. */
export type BlockMode = { mode: 'instant' } | { mode: 'timed'; intervalMs: number };

interface ProducerEvents {
  block: [ArchivedBlock];
  refused: [HexString];
}

/** Takes transactions and makes blocks of them, one at a time. A block is final once it is on the disk. */
export class BlockProducer extends EventEmitter<ProducerEvents> {
  readonly #archive: Archive;
  readonly #executor: Executor;
  readonly #blocks: BlockMode;
  readonly #log: (line: string) => void;
  #pool: Transaction[] = [];
  /** Submissions and blocks run one after the other, in the order they were asked for. */
  #submissions: Promise<unknown> = Promise.resolve();
  #building: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #draining = false;
  #blockWanted = false;
  #closed = false;

  constructor(archive: Archive, executor: Executor, blocks: BlockMode, log: (line: string) => void) {
    super();
    this.setMaxListeners(0);
    this.#archive = archive;
    this.#executor = executor;
    this.#blocks = blocks;
    this.#log = log;
  }

  /** Begins timed blocks, where that is the mode. A block that took too long delays the next ones, none is skipped. */
  start(): void {
    if (this.#blocks.mode === 'timed') this.#schedule(Date.now() + this.#blocks.intervalMs, this.#blocks.intervalMs);
  }

  /** Stops building; a block under way is finished. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.allSettled([this.#submissions, this.#building]);
  }

  pendingOf(address: string): number {
    return this.#pool.filter(({ signer }) => signer === address).length;
  }

  get pending(): HexString[] {
    return this.#pool.map(({ extrinsic }) => extrinsic);
  }

  /** Puts a transaction into the pool; gives its hash, or why it may not enter. */
  async submit(extrinsic: HexString): Promise<HexString | TransactionRefusal> {
    const submission = this.#submissions.then(async () => {
      if (this.#pool.some((waiting) => waiting.extrinsic === extrinsic)) return ALREADY_IMPORTED;
      const outcome = await this.#executor.validate(extrinsic);
      if ('code' in outcome) return outcome;
      this.#pool.push(outcome);
      if (this.#blocks.mode === 'instant') setImmediate(() => void this.#drain());
      return outcome.hash;
    });
    this.#submissions = submission.catch(() => undefined);
    return submission;
  }

  /** Builds one block of what waits in the pool. */
  async build(): Promise<ArchivedBlock> {
    const building = this.#building.then(() => this.#buildNow());
    this.#building = building.catch(() => undefined);
    return building;
  }

  #schedule(dueMs: number, intervalMs: number): void {
    if (this.#closed) return;
    const build = async (): Promise<void> => {
      await this.#tryBuild();
      this.#schedule(Math.max(dueMs + intervalMs, Date.now()), intervalMs);
    };
    this.#timer = setTimeout(() => void build(), Math.max(0, dueMs - Date.now()));
  }

  /** Builds blocks until one takes nothing of what waits, or nothing waits. */
  async #drain(): Promise<void> {
    this.#blockWanted = true;
    if (this.#draining) return;
    this.#draining = true;
    while (this.#blockWanted && !this.#closed) {
      this.#blockWanted = false;
      const waiting = this.#pool.length;
      if (waiting > 0) await this.#tryBuild();
      if (this.#pool.length > 0 && this.#pool.length < waiting) this.#blockWanted = true;
    }
    this.#draining = false;
  }

  async #tryBuild(): Promise<void> {
    if (this.#closed) return;
    await this.build().catch((error: unknown) => this.#log(`block not built: ${String(error)}`));
  }

  async #buildNow(): Promise<ArchivedBlock> {
    const transactions = this.#pool.sort((a, b) => a.nonce - b.nonce);
    this.#pool = [];
    const { block, postponed, refused } = await this.#executor.build(transactions).catch((error: unknown) => {
      this.#pool.unshift(...transactions);
      throw error;
    });
    await this.#archive.append(block);
    await this.#executor.advance();
    this.#pool.unshift(...postponed);
    for (const { extrinsic } of refused) this.emit('refused', extrinsic);
    this.emit('block', block);
    return block;
  }
}
