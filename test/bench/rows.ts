import type { DataRecord } from '../../src/core/record.ts';
import { sampleRecord } from '../datasets/records.ts';

const WORDS =
  'data chain miner block stake weight epoch subnet network price token model train query crawl page verify seal batch proof'.split(
    ' ',
  );

/** Posts of about 150 characters that differ as posts do, in id order; the same every time. */
export function* benchRecords(count: number): Generator<DataRecord> {
  let state = 1;
  const draw = (below: number): number => {
    // xorshift32: the same on every machine.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  for (let number = 0; number < count; number++) {
    const words = Array.from(
      { length: 12 + draw(16) },
      () => `${WORDS[draw(WORDS.length)]}${draw(8) === 0 ? draw(1000) : ''}`,
    );
    const id = String(number).padStart(9, '0');
    const url = `https://docs.example/${id}`;
    const text = draw(5) === 0 ? `${words.join(' ')}, größer als 大きさ` : words.join(' ');
    yield sampleRecord(number, { id: `web:${url}`, url, title: `${words[0]} ${number}`, text });
  }
}

export function ndjson(rows: Iterable<object>): string {
  return Array.from(rows, (row) => `${JSON.stringify(row)}\n`).join('');
}
