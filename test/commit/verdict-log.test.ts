import { beforeAll, describe, expect, it } from 'vitest';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { hashLine, verifiedEntries, writeLine } from '../../src/commit/verdict-log/entry.ts';
import type { Signer } from '../../src/core/chain.ts';

let signer: Signer;
let other: Signer;
let lines: string[];

beforeAll(async () => {
  signer = await openDevelopmentKey({ uri: '//Logger', development: true });
  other = await openDevelopmentKey({ uri: '//Other', development: true });
  lines = await logOf(signer, [1, 2, 3, 4]);
});

async function logOf(by: Signer, blocks: readonly number[]): Promise<string[]> {
  const written: string[] = [];
  for (const [seq, block] of blocks.entries()) {
    const last = written.at(-1);
    const place = { block, event: 0, hotkey: '5Ada', registered: 1 };
    const note = { kind: 'withdrawn' as const, place, rows: null, reason: 'void', at: 5 };
    const previous = last === undefined ? null : hashLine(last);
    written.push(await writeLine({ version: 1, netuid: 1, validator: signer.address, seq, previous, note }, by));
  }
  return written;
}

async function blocksOf(text: readonly string[], netuid = 1): Promise<number[]> {
  const blocks: number[] = [];
  for await (const { note } of verifiedEntries(text, { netuid, validator: signer.address })) {
    if (note.kind === 'withdrawn') blocks.push(note.place.block);
  }
  return blocks;
}

describe('a log of verdicts', () => {
  it('reads back as it was written', async () => {
    expect(await blocksOf(lines)).toEqual([1, 2, 3, 4]);
    expect(await blocksOf([])).toEqual([]);
  });

  it.each<[string, (all: string[]) => string[]]>([
    ['a line is missing', ([a, , c, d]) => [a!, c!, d!]],
    ['the first is missing', ([, ...rest]) => rest],
    ['two have changed places', ([a, b, c, d]) => [a!, c!, b!, d!]],
    ['one is there twice', ([a, b, ...rest]) => [a!, b!, b!, ...rest]],
    ['a verdict was changed', ([a, b, ...rest]) => [a!, b!.replace('"void"', '"late"'), ...rest]],
    ['white space was added', ([a, b, ...rest]) => [a!, `${b!} `, ...rest]],
    ['a key is there twice', ([a, b, ...rest]) => [a!, b!.replace('{', '{"version":1,'), ...rest]],
    ['a line is no entry', ([a]) => [a!, '{"seq":1}']],
  ])('is refused when %s', async (_, change) => {
    await expect(blocksOf(change([...lines]))).rejects.toMatchObject({ name: 'VerdictLogBroken' });
  });

  it("is refused under another's signature, and as that of another subnet", async () => {
    await expect(blocksOf(await logOf(other, [1, 2]))).rejects.toThrow('not as it was signed');
    await expect(blocksOf(lines, 2)).rejects.toThrow("another validator's or subnet's");
  });
});
