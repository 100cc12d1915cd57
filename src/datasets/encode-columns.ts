import type { DataType, Dictionary, Field, Int32 } from 'apache-arrow';
import { Data, RecordBatch, Struct, Utf8, Vector, makeData } from 'apache-arrow';
import { InvalidInputError } from '../core/errors.ts';
import type { Column } from './column-types.ts';
import { arrowSchema } from './column-types.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * One Arrow record batch of these rows. Buffers are built by hand, because the library's builders take several times as long.
 * Throws InvalidInputError, naming the column, for a value that isn't of its column's type.
 */
export function encodeBatch(columns: readonly Column[], rows: readonly Row[]): RecordBatch {
  const schema = arrowSchema(columns);
  return new RecordBatch(schema, structData(columns, new Struct(schema.fields), rows, ''));
}

function encode(column: Column, type: DataType, values: readonly unknown[], path: string): Data {
  const present = validity(column, values, path);
  const base = { length: values.length, ...present };
  switch (column.type) {
    case 'text':
      return makeData({ type: type as Utf8, ...base, ...textBuffers(values, path) });
    case 'word': {
      const { keys, words } = wordKeys(values, path);
      const dictionary = new Vector([
        makeData({ type: new Utf8(), length: words.length, ...textBuffers(words, path) }),
      ]);
      return makeData({ type: type as Dictionary<Utf8, Int32>, ...base, data: keys, dictionary });
    }
    case 'int32': {
      const data = new Int32Array(values.length);
      for (let index = 0; index < values.length; index++) data[index] = integer(values[index], path, 2 ** 31);
      return makeData({ type: type as Int32, ...base, data });
    }
    case 'int64':
    case 'time': {
      const data = new BigInt64Array(values.length);
      // In halves of 32 bits, lower one first: a BigInt for each value takes longer than all else here.
      const halves = new Int32Array(data.buffer);
      for (let index = 0; index < values.length; index++) {
        const number = integer(values[index], path, 2 ** 53);
        halves[index * 2] = number;
        halves[index * 2 + 1] = Math.floor(number / 2 ** 32);
      }
      return new Data(type, 0, base.length, base.nullCount, [undefined, data, base.nullBitmap] as never);
    }
    case 'list': {
      const offsets = new Int32Array(values.length + 1);
      const items: unknown[] = [];
      for (let index = 0; index < values.length; index++) {
        const value = values[index];
        if (!Array.isArray(value)) throw new InvalidInputError(`${path}: not a list`, { path });
        for (const item of value) items.push(item);
        offsets[index + 1] = items.length;
      }
      const child = encode(column.of, childType(type, 0), items, `${path}[]`);
      return new Data(type, 0, base.length, base.nullCount, [offsets, undefined, base.nullBitmap] as never, [child]);
    }
    case 'struct':
      return structData(column.fields, type as Struct, values, `${path}.`);
  }
}

function structData(columns: readonly Column[], type: Struct, rows: readonly unknown[], path: string): Data<Struct> {
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Object.keys(row).length !== columns.length) {
      throw new InvalidInputError(`${path || 'row'}: columns must be ${columns.map(({ name }) => name).join(', ')}`);
    }
  }
  const children = columns.map((column, index) => {
    const values = valuesOf(rows as readonly Row[], column.name);
    return encode(column, childType(type, index), values, `${path}${column.name}`);
  });
  return makeData({ type, length: rows.length, nullCount: 0, children });
}

/** A loop, because `map` takes four times as long here, where most of the time goes. */
function valuesOf(rows: readonly Row[], name: string): unknown[] {
  const values = new Array<unknown>(rows.length);
  for (let index = 0; index < rows.length; index++) values[index] = rows[index]![name];
  return values;
}

function childType(type: DataType, index: number): DataType {
  return (type.children as Field<DataType>[])[index]!.type;
}

/** Arrow's validity bitmap, a bit set for each value that isn't null; none where nothing is null. */
function validity(
  column: Column,
  values: readonly unknown[],
  path: string,
): { nullCount: number; nullBitmap?: Uint8Array } {
  let nullCount = 0;
  for (let index = 0; index < values.length; index++) {
    if (values[index] === undefined) throw new InvalidInputError(`${path}: missing; what is unknown is null`, { path });
    if (values[index] === null) nullCount += 1;
  }
  if (nullCount === 0) return { nullCount };
  if (!column.nullable) throw new InvalidInputError(`${path}: must not be null`, { path });
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 64) * 8);
  for (let index = 0; index < values.length; index++) {
    if (values[index] !== null) nullBitmap[index >> 3]! |= 1 << (index & 7);
  }
  return { nullCount, nullBitmap };
}

function integer(value: unknown, path: string, below: number): number {
  if (value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value < below && value > -below) return value;
  throw new InvalidInputError(`${path}: ${JSON.stringify(value)} isn't an integer of its type`, { path });
}

/** Texts that are written to UTF-8 in one call: each call costs as much as fifty bytes. */
const RUN_TEXTS = 512;

/** UTF-8 of all texts one after another, and where each begins; null takes no bytes. */
function textBuffers(values: readonly unknown[], path: string): { valueOffsets: Int32Array; data: Uint8Array } {
  const valueOffsets = new Int32Array(values.length + 1);
  let data = Buffer.allocUnsafe(values.length * 32 + 64);
  let end = 0;
  for (let start = 0; start < values.length; start += RUN_TEXTS) {
    const texts = textsOf(values, start, path);
    const units = texts.reduce((sum, text) => sum + text.length, 0);
    const mostBytes = units * 3;
    if (end + mostBytes >= 2 ** 31)
      throw new InvalidInputError(`${path}: a batch holds at most 2 GB of text`, { path });
    if (end + mostBytes > data.length) {
      const larger = Buffer.allocUnsafe(Math.max(data.length * 2, end + mostBytes));
      data.copy(larger, 0, 0, end);
      data = larger;
    }
    // As many bytes as UTF-16 units: all is ASCII, and the texts are as long in bytes.
    const isAscii = units < MAX_JOINED_UNITS && data.write(texts.join(''), end) === units;
    for (let index = 0; index < texts.length; index++) {
      end += isAscii ? texts[index]!.length : data.write(texts[index]!, end);
      valueOffsets[start + index + 1] = end;
    }
  }
  return { valueOffsets, data: data.subarray(0, end) };
}

/** Up to here joining texts to write them at once is cheaper than a call for each. */
const MAX_JOINED_UNITS = 2 ** 18;

/** The texts of one run, null as an empty one. */
function textsOf(values: readonly unknown[], start: number, path: string): string[] {
  const texts: string[] = [];
  for (let index = start; index < Math.min(start + RUN_TEXTS, values.length); index++) {
    const value = values[index] ?? '';
    if (typeof value !== 'string') throw new InvalidInputError(`${path}: not text`, { path });
    texts.push(value);
  }
  return texts;
}

/** Words numbered as they first appear; null gets number 0, which its validity bit hides. */
function wordKeys(values: readonly unknown[], path: string): { keys: Int32Array; words: string[] } {
  const numbers = new Map<string, number>();
  const keys = new Int32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === null) continue;
    if (typeof value !== 'string') throw new InvalidInputError(`${path}: not text`, { path });
    let number = numbers.get(value);
    if (number === undefined) numbers.set(value, (number = numbers.size));
    keys[index] = number;
  }
  return { keys, words: [...numbers.keys()] };
}
