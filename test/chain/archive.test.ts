import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HexString } from '@polkadot/util/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Archive, ArchiveDamagedError, type ArchivedBlock } from '../../chain/archive.ts';

/** A block's hash: its number, and where it is not of the first branch the branch's. */
const hash = (number: number, branch = 0): HexString => `0x${(branch * 1000 + number).toString(16).padStart(64, '0')}`;

function block(
  number: number,
  changes: ArchivedBlock['changes'] = {},
  { branch = 0, parentHash = hash(Math.max(0, number - 1), branch) } = {},
): ArchivedBlock {
  const root = hash(0);
  const digest = { logs: [] };
  const header = { parentHash, number: hash(number), stateRoot: root, extrinsicsRoot: root, digest };
  return { number, hash: hash(number, branch), header, extrinsics: ['0x00'], changes };
}

/** What key 0xaa holds after a block of the best chain. */
function valueAt(archive: Archive, number: number): string | null {
  const at = archive.byNumber(number);
  return at === undefined ? null : archive.value(at, '0xaa');
}

/** Blocks 0 to 3, of which 1 and 2 set 0xaa; the last two replaced by a branch of three that never does. */
async function reorganised(): Promise<Archive> {
  const archive = await Archive.open(dir, () => Promise.resolve(block(0)));
  await archive.setLag(10);
  for (const next of [block(1, { '0xaa': '0x01' }), block(2, { '0xaa': '0x02', '0xab': '0x0b' }), block(3)]) {
    await archive.append(next);
  }
  const branch = [
    block(2, { '0xac': '0x0c' }, { branch: 1, parentHash: hash(1) }),
    block(3, { '0xac': null }, { branch: 1 }),
    block(4, {}, { branch: 1 }),
  ];
  branch.forEach((one) => archive.hold(one));
  await archive.adopt(branch);
  return archive;
}

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-archive-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('Archive', () => {
  it('goes on where it was, without asking for another genesis', async () => {
    const first = await Archive.open(dir, () => Promise.resolve(block(0, { '0xaa': '0x01' })));
    await first.append(block(1, { '0xaa': '0x02' }));
    await first.close();
    const second = await Archive.open(dir, () => Promise.reject(new Error('not asked for')));
    expect(second.head).toMatchObject({ number: 1, hash: hash(1), extrinsics: ['0x00'] });
    expect([0, 1].map((number) => valueAt(second, number))).toEqual(['0x01', '0x02']);
    expect(second.byHash(hash(0))?.number).toBe(0);
    await second.close();
  });

  it('drops a block that a kill cut short, and writes on after it', async () => {
    const first = await Archive.open(dir, () => Promise.resolve(block(0)));
    await first.append(block(1));
    await first.close();
    await appendFile(join(dir, 'blocks.jsonl'), JSON.stringify(block(2)).slice(0, 40));
    const second = await Archive.open(dir, () => Promise.resolve(block(0)));
    expect(second.head.number).toBe(1);
    await second.append(block(2));
    await second.close();
    expect((await readFile(join(dir, 'blocks.jsonl'), 'utf8')).trimEnd().split('\n')).toHaveLength(3);
  });

  it('refuses a file with a gap', async () => {
    await writeFile(join(dir, 'blocks.jsonl'), [block(0), block(2)].map((one) => `${JSON.stringify(one)}\n`).join(''));
    await expect(Archive.open(dir, () => Promise.resolve(block(0)))).rejects.toThrow(ArchiveDamagedError);
  });

  it('reads the branch that is held, the best and the retracted, each with its own state', async () => {
    const archive = await reorganised();
    expect([0, 1, 2, 3, 4].map((number) => archive.byNumber(number)?.hash)).toEqual([
      hash(0),
      hash(1),
      hash(2, 1),
      hash(3, 1),
      hash(4, 1),
    ]);
    expect([1, 2, 4].map((number) => valueAt(archive, number))).toEqual(['0x01', '0x01', '0x01']);
    const retracted = archive.byHash(hash(3)) ?? block(3);
    expect(archive.isBest(retracted)).toBe(false);
    expect(archive.value(retracted, '0xaa')).toBe('0x02');
    expect(archive.keys(retracted, '0xa', 9, '')).toEqual(['0xaa', '0xab']);
    expect(archive.keys(archive.byNumber(2) ?? block(2), '0xa', 9, '')).toEqual(['0xaa', '0xac']);
    expect(archive.keys(archive.head, '0xa', 9, '')).toEqual(['0xaa']);
    const held = block(5, { '0xaa': null, '0xad': '0x0d' }, { branch: 1 });
    archive.hold(held);
    expect(archive.keys(held, '0xa', 9, '')).toEqual(['0xad']);
    expect(archive.head.number).toBe(4);
    archive.release(held);
    expect(archive.byHash(held.hash)).toBeUndefined();
    await archive.close();
  });

  it('has a reorganisation whole after a kill, or not at all', async () => {
    await (await reorganised()).close();
    const path = join(dir, 'blocks.jsonl');
    const whole = await readFile(path);
    const start = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (const [length, head] of [
      [whole.length, hash(4, 1)],
      [whole.length - 1, hash(3)],
      [start + 200, hash(3)],
      [start, hash(3)],
    ] as const) {
      await writeFile(path, whole.subarray(0, length));
      const archive = await Archive.open(dir, () => Promise.reject(new Error('not asked for')));
      expect(archive.head.hash).toBe(head);
      expect(archive.value(archive.head, '0xaa')).toBe(head === hash(3) ? '0x02' : '0x01');
      await archive.close();
    }
  });

  it('keeps what is final so, whatever the lag becomes, and over restarts', async () => {
    const archive = await Archive.open(dir, () => Promise.resolve(block(0)));
    await archive.append(block(1));
    expect(archive.final.number).toBe(1);
    await archive.setLag(2);
    await archive.append(block(2));
    expect(archive.final.number).toBe(1);
    for (const number of [3, 4]) await archive.append(block(number));
    expect(archive.final.number).toBe(2);
    await archive.close();
    const again = await Archive.open(dir, () => Promise.reject(new Error('not asked for')));
    expect(again.final.number).toBe(2);
    await again.append(block(5));
    expect(again.final.number).toBe(3);
    await again.setLag(0);
    expect(again.final.number).toBe(5);
    await again.close();
  });
});
