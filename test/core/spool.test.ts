import { describe, expect, it } from 'vitest';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import { readSpool } from '../../src/core/spool.ts';
import { sampleRecord, sampleRecords } from '../datasets/records.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('readSpool', () => {
  it('reads canonical rows, with or without a last line feed', () => {
    const text = sampleRecords(5).map(canonicalRow).join('\n');
    expect(readSpool(utf8(text))).toEqual(sampleRecords(5));
    expect(readSpool(utf8(`${text}\n`))).toEqual(sampleRecords(5));
    expect(readSpool(new Uint8Array())).toEqual([]);
  });

  const line = canonicalRow(sampleRecord(1));
  it.each<[string, Uint8Array]>([
    ['a row cut off', utf8(`${line}\n${line.slice(0, -5)}`)],
    ['a row in another order', utf8(`${line}\n${JSON.stringify(sampleRecord(1))}`)],
    ['an empty line', utf8(`${line}\n\n${line}`)],
    ['a member twice', utf8(`${line}\n${line.replace('{', '{"author":null,')}`)],
    ['a line that is no object', utf8(`${line}\n7`)],
    ['a line that is null', utf8(`${line}\nnull`)],
  ])('refuses %s, naming the line', (_, bytes) => {
    expect(() => readSpool(bytes)).toThrow('line 2 of the spool');
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => readSpool(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not UTF-8');
  });
});
