import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { HexString } from '@polkadot/util/types';
import { SeineError } from '../src/core/errors.ts';
import { readWholeLines } from './whole-lines.ts';
import { VersionedState } from './versioned-state.ts';

export interface Header {
  parentHash: HexString;
  /** In hex, as JSON-RPC has it. */
  number: HexString;
  stateRoot: HexString;
  extrinsicsRoot: HexString;
  digest: { logs: HexString[] };
}

export interface ArchivedBlock {
  number: number;
  hash: HexString;
  header: Header;
  extrinsics: HexString[];
  /** Storage that this block changed, by hex key; null where it deleted a key. */
  changes: Record<string, string | null>;
}

/** A line of the archive's file: a block, a branch that replaces the newest blocks from its first number on, or a new finality lag. */
type Line = ArchivedBlock | { branch: ArchivedBlock[] } | { lag: number };

/**
 * Every block of the chain and every version of its storage, in memory, and in one file that only grows: a JSON line a
 * block. A block is in the file, on the disk, before anyone hears of it, so that a killed process loses none; a line that
 * a kill cut short is dropped at the next start. A reorganisation is one line, so that it happened whole or not at all.
 *
 * Blocks that a reorganisation retracted, and those that are held for one, can still be read by their hashes.
 */
export class Archive {
  readonly #file: FileHandle;
  /** The best chain. Its blocks' changes are in the state. */
  readonly #best: ArchivedBlock[] = [];
  /** Every block, of the best chain or beside it. Those beside it hold their changes. */
  readonly #blocks = new Map<string, ArchivedBlock>();
  readonly #state = new VersionedState();
  #lag = 0;
  #final = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens the chain in a folder, or begins one there with the block that `genesis` builds. */
  static async open(dir: string, genesis: () => Promise<ArchivedBlock>): Promise<Archive> {
    await mkdir(dir, { recursive: true });
    const path = join(dir, 'blocks.jsonl');
    const lines = await readWholeLines(path);
    const archive = new Archive(await open(path, 'a'));
    try {
      for (const line of lines) archive.#remember(JSON.parse(line) as Line, path);
      if (lines.length === 0) await archive.append(await genesis());
      return archive;
    } catch (error) {
      await archive.close();
      throw error;
    }
  }

  get head(): ArchivedBlock {
    return this.#at(this.#best.length - 1);
  }

  /** The newest block that no reorganisation may replace. */
  get final(): ArchivedBlock {
    return this.#at(this.#final);
  }

  /** The block of the best chain with this number. */
  byNumber(number: number): ArchivedBlock | undefined {
    return this.#best[number];
  }

  /** A block by its hash, whether or not it is in the best chain. */
  byHash(hash: string): ArchivedBlock | undefined {
    return this.#blocks.get(hash);
  }

  isBest(block: ArchivedBlock): boolean {
    return this.#best[block.number]?.hash === block.hash;
  }

  /** The value of a key after a block, or null where it has none. */
  value(block: ArchivedBlock, key: string): string | null {
    let at = block;
    for (; !this.isBest(at); at = this.#parentOf(at)) {
      const change = at.changes[key];
      if (change !== undefined) return change;
    }
    return this.#state.get(key, at.number);
  }

  /** Up to `limit` keys that begin with the prefix, have a value after the block and come after `startKey`. */
  keys(block: ArchivedBlock, prefix: string, limit: number, startKey: string): string[] {
    if (this.isBest(block)) return this.#state.keys(prefix, limit, startKey, block.number);
    const touched = new Set<string>();
    let at = block;
    for (; !this.isBest(at); at = this.#parentOf(at)) for (const key of Object.keys(at.changes)) touched.add(key);
    const keys = this.#state.keys(prefix, Infinity, startKey, at.number).filter((key) => !touched.has(key));
    const fresh = [...touched].filter((key) => key.startsWith(prefix) && key > startKey);
    keys.push(...fresh.filter((key) => this.value(block, key) !== null));
    return keys.sort().slice(0, limit);
  }

  /** Adds a block to the best chain; when this resolves, the block is on the disk. */
  async append(block: ArchivedBlock): Promise<void> {
    await this.#write(block);
  }

  /** Makes a block readable by its hash without adding it to the chain or the disk: one of a branch that is being built. */
  hold(block: ArchivedBlock): void {
    this.#blocks.set(block.hash, block);
  }

  /** Forgets a block that was held and is not wanted. */
  release(block: ArchivedBlock): void {
    this.#blocks.delete(block.hash);
  }

  /** Replaces the newest blocks, from the branch's first number on, by the branch; when this resolves, that is on the disk. */
  async adopt(branch: ArchivedBlock[]): Promise<void> {
    await this.#write({ branch });
  }

  /** Sets how many blocks the final one stays behind the best. What is final stays so. */
  async setLag(lag: number): Promise<void> {
    await this.#write({ lag });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(line: Line): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
    await this.#file.datasync();
    this.#remember(line, 'the archive');
  }

  #remember(line: Line, where: string): void {
    if ('lag' in line) {
      this.#lag = line.lag;
    } else if ('branch' in line) {
      this.#retract((line.branch[0]?.number ?? Infinity) - 1);
      for (const block of line.branch) this.#extend(block, where);
    } else {
      this.#extend(line, where);
    }
    this.#final = Math.max(this.#final, this.#best.length - 1 - this.#lag);
  }

  #extend(block: ArchivedBlock, where: string): void {
    if (block.number !== this.#best.length) throw new ArchiveDamagedError(where, this.#best.length, block.number);
    this.#state.apply(block.number, block.changes);
    // The state holds the changes now; a second copy would double the memory.
    const kept = { ...block, changes: {} };
    this.#best.push(kept);
    this.#blocks.set(block.hash, kept);
  }

  /** Puts the blocks after this number beside the best chain. */
  #retract(last: number): void {
    const changes = this.#state.rollback(last);
    for (const block of this.#best.splice(last + 1)) {
      this.#blocks.set(block.hash, { ...block, changes: changes.get(block.number) ?? {} });
    }
  }

  #at(number: number): ArchivedBlock {
    const block = this.#best[number];
    if (block === undefined) throw new Error('An archive holds at least block 0.');
    return block;
  }

  #parentOf(block: ArchivedBlock): ArchivedBlock {
    const parent = this.#blocks.get(block.header.parentHash);
    if (parent === undefined) throw new Error(`The parent of block ${block.hash} is not in the archive.`);
    return parent;
  }
}

/** A file of blocks with a gap in it. */
export class ArchiveDamagedError extends SeineError {
  constructor(path: string, expected: number, found: number) {
    const message = `${path} is damaged: block ${found} follows where block ${expected} should. Remove the chain's folder to begin anew.`;
    super('ChainArchiveDamaged', message, { details: { path, expected, found } });
  }
}
