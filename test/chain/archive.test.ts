import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HexString } from '@polkadot/util/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Archive, ArchiveDamagedError, type ArchivedBlock } from '../../chain/archive.ts';

const hash = (number: number): HexString => `0x${number.toString(16).padStart(64, '0')}`;

function block(number: number, changes: ArchivedBlock['changes'] = {}): ArchivedBlock {
  const root = hash(0);
  const digest = { logs: [] };
  const header = { parentHash: root, number: hash(number), stateRoot: root, extrinsicsRoot: root, digest };
  return { number, hash: hash(number), header, extrinsics: ['0x00'], changes };
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
    expect([0, 1].map((number) => second.state.get('0xaa', number))).toEqual(['0x01', '0x02']);
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
});
