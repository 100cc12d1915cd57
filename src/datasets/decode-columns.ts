import type { Data, RecordBatch, Schema } from 'apache-arrow';
import { Type } from 'apache-arrow';
import type { Column, ColumnType } from './column-types.ts';
import { describe } from './column-types.ts';
import { ShardInvalid } from './errors.ts';

/** Reads one value of a column by its row number. */
type Getter = (index: number) => unknown;

/**
 * Refuses a file whose columns aren't exactly these: names, order and types. Whether the file calls a column nullable isn't
 * asked; nulls where none may be are found in the rows.
 */
export function assertSchema(columns: readonly Column[], schema: Schema): void {
  const expected = columns.map(nameAndType);
  const found = schema.fields.map((field) => `${field.name}: ${describeArrow(field.type as ArrowType)}`);
  const wrong = expected.findIndex((line, index) => line !== found[index]);
  if (wrong !== -1 || found.length !== expected.length) {
    const at = wrong === -1 ? expected.length : wrong;
    throw new ShardInvalid('schema', `column ${at} is ${found[at] ?? 'missing'}, not ${expected[at] ?? 'wanted'}`, {
      found,
    });
  }
}

/** The rows of a batch that passed `assertSchema`, as plain objects. */
export function* decodeBatch(columns: readonly Column[], batch: RecordBatch): Generator<Record<string, unknown>> {
  const read = structGetter(columns, batch.data as Data);
  for (let index = 0; index < batch.numRows; index++) yield read(index);
}

/**
 * Bytes of all words of a batch written out, row by row. Arrow keeps each word once, which lets a small file name a huge one in every row.
 * Words are columns of their own, never parts of lists or structs.
 */
export function wordBytes(columns: readonly Column[], batch: RecordBatch): number {
  let sizeBytes = 0;
  columns.forEach(({ type }, index) => {
    if (type !== 'word') return;
    const data = batch.data.children[index] as Data;
    const lengths = data.dictionary!.data.flatMap(({ length, valueOffsets }) =>
      Array.from(
        { length },
        (_, word) => (valueOffsets as Int32Array)[word + 1]! - (valueOffsets as Int32Array)[word]!,
      ),
    );
    for (const key of data.values as Int32Array) sizeBytes += lengths[key] ?? 0;
  });
  return sizeBytes;
}

function structGetter(columns: readonly Column[], data: Data): (index: number) => Record<string, unknown> {
  const getters = columns.map((column, index) => [column.name, getter(column, data.children[index]!)] as const);
  return (index) => {
    const row: Record<string, unknown> = {};
    for (const [name, get] of getters) row[name] = get(index);
    return row;
  };
}

function getter(column: Column, data: Data): Getter {
  const get = valueGetter(column, data);
  const nullBitmap = data.nullBitmap;
  const offset = data.offset;
  if (data.nullCount === 0) return get;
  return (index) => {
    const bit = index + offset;
    if (((nullBitmap[bit >> 3]! >> (bit & 7)) & 1) === 1) return get(index);
    if (column.nullable) return null;
    throw new ShardInvalid('row_invalid', `null in column ${column.name}, where none may be`, { column: column.name });
  };
}

/*
 * 64-bit values come from their buffers: the library's getters turn microseconds into milliseconds and throw beyond 2^53. The
 * buffers are cut at the data's offset already; only the validity bitmap is not.
 */
function valueGetter(column: Column, data: Data): Getter {
  switch (column.type) {
    case 'text':
      return textGetter(data);
    case 'word': {
      const keys = data.values as Int32Array;
      // Not by the library's getter, which drops a byte order mark where a word begins.
      const words = data.dictionary!.data.flatMap((part: Data) =>
        Array.from({ length: part.length }, (_, index) => textGetter(part)(index)),
      );
      return (index) => words[keys[index]!];
    }
    case 'int32': {
      const values = data.values as Int32Array;
      return (index) => values[index];
    }
    case 'int64':
    case 'time': {
      const values = data.values as BigInt64Array;
      return (index) => {
        const value = Number(values[index]);
        if (Number.isSafeInteger(value)) return value;
        throw new ShardInvalid('row_invalid', `${values[index]} in column ${column.name} is beyond 2^53-1`);
      };
    }
    case 'list': {
      const offsets = data.valueOffsets as Int32Array;
      const get = getter(column.of, data.children[0]!);
      return (index) => {
        const items: unknown[] = [];
        for (let item = offsets[index]!; item < offsets[index + 1]!; item++) items.push(get(item));
        return items;
      };
    }
    case 'struct':
      return structGetter(column.fields, data);
  }
}

function textGetter(data: Data): (index: number) => string {
  const offsets = data.valueOffsets as Int32Array;
  const bytes = data.values as Uint8Array;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (index) => buffer.toString('utf8', offsets[index], offsets[index + 1]);
}

function nameAndType(column: Column): string {
  return `${column.name}: ${describe(withoutNulls(column))}`;
}

function withoutNulls(column: Column): Column {
  if (column.type === 'list') return { ...column, nullable: false, of: withoutNulls(column.of) };
  if (column.type === 'struct') return { ...column, nullable: false, fields: column.fields.map(withoutNulls) };
  return { ...column, nullable: false };
}

interface ArrowType {
  typeId: Type;
  children: { name: string; type: ArrowType }[] | null;
  toString(): string;
}

/** An Arrow type in the words of `describe`; one that no column has, in Arrow's own. */
function describeArrow(type: ArrowType): string {
  const text = String(type);
  const known = ARROW_NAMES[text];
  if (known !== undefined) return known;
  const children = (type.children ?? []).map((child) => ({ name: child.name, text: describeArrow(child.type) }));
  const inner = children.map((child) => `${child.name}: ${child.text}`).join(', ');
  if (type.typeId === Type.List) return `list<${inner}>`;
  if (type.typeId === Type.Struct) return `struct<${inner}>`;
  return text;
}

const ARROW_NAMES: Readonly<Record<string, ColumnType['type']>> = {
  Utf8: 'text',
  'Dictionary<Int32, Utf8>': 'word',
  Int32: 'int32',
  Int64: 'int64',
  'Timestamp<MICROSECOND, UTC>': 'time',
};
