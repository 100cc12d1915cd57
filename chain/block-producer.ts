import { EventEmitter } from 'node:events';
import type { HexString } from '@polkadot/util/types';
import { SeineError } from '../src/core/errors.ts';
import type { Archive, ArchivedBlock } from './archive.ts';
import type { Executor, Transaction } from './executor.ts';
import { ALREADY_IMPORTED, type TransactionRefusal } from './transaction-refusal.ts';

/** When blocks are built: at once when transactions wait, or one every interval, empty or not. */
export type BlockMode = { mode: 'instant' } | { mode: 'timed'; intervalMs: number };

export interface Reorganisation {
  /** How many of the newest blocks are replaced, by one more. */
  depth: number;
  /** Whether the replaced blocks' transactions go into the last of the new ones, or are forgotten. */
  transactions: 'requeue' | 'drop';
}

interface ProducerEvents {
  /** A block is on the disk. In a reorganisation only the last of the new blocks becomes the best. */
  block: [ArchivedBlock, { best: boolean }];
  /** A block is no longer in the best chain. */
  retracted: [ArchivedBlock];
  /** These blocks became final, oldest first. */
  final: [ArchivedBlock[]];
  /** No block will take this transaction. */
  refused: [HexString];
  /** A reorganisation has made the pool forget this transaction. */
  dropped: [HexString];
}

/** Takes transactions and makes blocks of them, one at a time. */
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
      this.#wantBlock();
      return outcome.hash;
    });
    this.#submissions = submission.catch(() => undefined);
    return submission;
  }

  /** Builds one block of what waits in the pool. */
  build(): Promise<ArchivedBlock> {
    return this.#queue(async () => {
      const transactions = this.#takePool();
      const built = await this.#executor.build(transactions, this.#archive.head).catch((error: unknown) => {
        this.#pool.unshift(...transactions);
        throw error;
      });
      const final = await this.#change(() => this.#archive.append(built.block));
      this.#settle(built.postponed, built.refused);
      this.emit('block', built.block, { best: true });
      this.#announceFinal(final);
      return built.block;
    });
  }

  /** Replaces the newest blocks by a longer branch. Throws ReorganisationError where one of them is final. */
  reorganise({ depth, transactions }: Reorganisation): Promise<ArchivedBlock> {
    return this.#queue(async () => {
      const { head, final } = this.#archive;
      const parent = this.#archive.byNumber(head.number - depth);
      if (parent === undefined || depth < 1 || parent.number < final.number) {
        throw new ReorganisationError(depth, head.number, final.number);
      }
      const retracted = this.#blocksAfter(parent.number);
      const returning = await this.#transactionsOf(retracted);
      const waiting = transactions === 'requeue' ? this.#takePool() : [];
      const taken = transactions === 'requeue' ? [...returning, ...waiting] : [];
      const { branch, last } = await this.#buildBranch(parent, depth, taken).catch((error: unknown) => {
        this.#pool.unshift(...waiting);
        throw error;
      });
      const finalised = await this.#change(() => this.#archive.adopt(branch));
      for (const block of retracted) this.emit('retracted', block);
      if (transactions === 'drop') for (const { extrinsic } of returning) this.emit('dropped', extrinsic);
      this.#settle(last.postponed, last.refused);
      for (const block of branch) this.emit('block', block, { best: block === last.block });
      this.#announceFinal(finalised);
      this.#wantBlock();
      return last.block;
    });
  }

  /** Sets how many blocks the final one stays behind the best, for blocks to come and those that are there. */
  async setFinality(lag: number): Promise<void> {
    await this.#queue(async () => this.#announceFinal(await this.#change(() => this.#archive.setLag(lag))));
  }

  /** Builds `depth` empty blocks on a parent, and one of these transactions on them. */
  async #buildBranch(parent: ArchivedBlock, depth: number, transactions: Transaction[]) {
    const held: ArchivedBlock[] = [];
    try {
      while (held.length < depth) {
        const { block } = await this.#executor.build([], held.at(-1) ?? parent);
        this.#archive.hold(block);
        held.push(block);
      }
      const last = await this.#executor.build(transactions, held.at(-1) ?? parent);
      return { branch: [...held, last.block], last };
    } catch (error) {
      for (const block of held) this.#archive.release(block);
      throw error;
    }
  }

  async #transactionsOf(blocks: ArchivedBlock[]): Promise<Transaction[]> {
    const extrinsics = blocks.flatMap((block) => block.extrinsics);
    const decoded = await Promise.all(extrinsics.map((extrinsic) => this.#executor.decode(extrinsic)));
    return decoded.filter((transaction) => transaction !== undefined);
  }

  #queue<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#building.then(work);
    this.#building = done.catch(() => undefined);
    return done;
  }

  /** Changes the archive and has the executor follow; gives the blocks that became final. */
  async #change(change: () => Promise<void>): Promise<ArchivedBlock[]> {
    const before = this.#archive.final.number;
    await change();
    await this.#executor.advance();
    return this.#blocksAfter(before).filter(({ number }) => number <= this.#archive.final.number);
  }

  #announceFinal(blocks: ArchivedBlock[]): void {
    if (blocks.length > 0) this.emit('final', blocks);
  }

  #blocksAfter(number: number): ArchivedBlock[] {
    const blocks: ArchivedBlock[] = [];
    for (let next = number + 1; next <= this.#archive.head.number; next++) {
      const block = this.#archive.byNumber(next);
      if (block !== undefined) blocks.push(block);
    }
    return blocks;
  }

  #takePool(): Transaction[] {
    return this.#pool.splice(0).sort((a, b) => a.nonce - b.nonce);
  }

  #settle(postponed: Transaction[], refused: Transaction[]): void {
    this.#pool.unshift(...postponed);
    for (const { extrinsic } of refused) this.emit('refused', extrinsic);
  }

  #wantBlock(): void {
    if (this.#blocks.mode === 'instant') setImmediate(() => void this.#drain());
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
}

/** More blocks are to be replaced than are not final. */
export class ReorganisationError extends SeineError {
  constructor(depth: number, head: number, final: number) {
    const message = `${depth} blocks can't be replaced: the best is ${head} and block ${final} is final. Let finality lag first (dev_setFinality), or replace fewer.`;
    super('ChainReorganisation', message, { details: { depth, head, final } });
  }
}
