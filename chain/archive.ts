import { mkdir, open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { HexString } from '@polkadot/util/types';
import { SeineError } from '../src/core/errors.ts';
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

/**
 * Every block of the chain and every version of its storage, in memory, and in one file that only grows: a JSON line a
 * block. A block is in the file, on the disk, before anyone hears of it, so that a killed process loses none; a line that
 * a kill cut short is dropped at the next start.
 */
export class Archive {
  readonly #file: FileHandle;
  readonly #blocks: ArchivedBlock[] = [];
  readonly #numbers = new Map<string, number>();
  readonly state = new VersionedState();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens the chain in a folder, or begins one there with the block that `genesis` builds. */
  static async open(dir: string, genesis: () => Promise<ArchivedBlock>): Promise<Archive> {
    await mkdir(dir, { recursive: true });
    const path = join(dir, 'blocks.jsonl');
    const lines = await readWholeLines(path);
    const archive = new Archive(await open(path, 'a'));
    for (const line of lines) archive.#remember(JSON.parse(line) as ArchivedBlock, path);
    if (lines.length === 0) await archive.append(await genesis());
    return archive;
  }

  get head(): ArchivedBlock {
    const head = this.#blocks.at(-1);
    if (head === undefined) throw new Error('An archive holds at least block 0.');
    return head;
  }

  byNumber(number: number): ArchivedBlock | undefined {
    return this.#blocks[number];
  }

  byHash(hash: string): ArchivedBlock | undefined {
    const number = this.#numbers.get(hash);
    return number === undefined ? undefined : this.#blocks[number];
  }

  /** Adds a block; when this resolves, the block is on the disk. */
  async append(block: ArchivedBlock): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(block)}\n`);
    await this.#file.datasync();
    this.#remember(block, 'the archive');
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #remember(block: ArchivedBlock, where: string): void {
    if (block.number !== this.#blocks.length) throw new ArchiveDamagedError(where, this.#blocks.length, block.number);
    this.state.apply(block.number, block.changes);
    // The state holds the changes now; a second copy would double the memory.
    this.#blocks.push({ ...block, changes: {} });
    this.#numbers.set(block.hash, block.number);
  }
}

/** A file of blocks with a gap in it. */
export class ArchiveDamagedError extends SeineError {
  constructor(path: string, expected: number, found: number) {
    const message = `${path} is damaged: block ${found} follows where block ${expected} should. Remove the chain's folder to begin anew.`;
    super('ChainArchiveDamaged', message, { details: { path, expected, found } });
  }
}

/** The lines of a file, after cutting off an end that a kill left without a line break. */
async function readWholeLines(path: string): Promise<string[]> {
  const content = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const end = content.lastIndexOf('\n') + 1;
  if (end < content.length) await truncate(path, end);
  const lines: string[] = [];
  for (let start = 0; start < end;) {
    const stop = content.indexOf('\n', start);
    lines.push(content.toString('utf8', start, stop));
    start = stop + 1;
  }
  return lines;
}
