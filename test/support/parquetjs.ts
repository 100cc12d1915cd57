import { createRequire } from 'node:module';
import type { Column } from '../../src/datasets/column-types.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';

/** The part of parquetjs-lite that is used; the package has no types of its own. */
interface Parquetjs {
  ParquetSchema: new (fields: Readonly<Record<string, object>>) => object;
  ParquetWriter: { openFile(schema: object, path: string): Promise<ParquetjsWriter> };
  ParquetReader: { openFile(path: string): Promise<ParquetjsReader> };
}

interface ParquetjsReader {
  getCursor(): { next(): Promise<Record<string, unknown> | null> };
  close(): Promise<void>;
}

interface ParquetjsWriter {
  setRowGroupSize(rows: number): void;
  appendRow(row: object): Promise<void>;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
const parquetjs = require('parquetjs-lite') as Parquetjs;

/**
 * Writes rows with parquetjs-lite as well as it can: snappy, because it has no zstd; no dictionaries; each column nullable or not as ours;
 * times in microseconds, which it reads back as milliseconds; lists as the repeated fields of the old form, which can't tell an empty list from none.
 */
export async function writeWithParquetjs(path: string, rows: readonly DataRecord[]): Promise<void> {
  const { ParquetSchema, ParquetWriter } = parquetjs;
  const fields = Object.fromEntries(RECORD_COLUMNS.map((column) => [column.name, fieldOf(column)]));
  const writer = await ParquetWriter.openFile(new ParquetSchema(fields), path);
  writer.setRowGroupSize(65_536);
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
}

/** The rows as it reads them back, with what it leaves out where a row has nothing put in again. */
export async function readWithParquetjs(path: string): Promise<DataRecord[]> {
  const reader = await parquetjs.ParquetReader.openFile(path);
  try {
    const rows: DataRecord[] = [];
    const cursor = reader.getCursor();
    for (let row = await cursor.next(); row !== null; row = await cursor.next()) {
      rows.push(whole(RECORD_COLUMNS, row) as unknown as DataRecord);
    }
    return rows;
  } finally {
    await reader.close();
  }
}

function whole(columns: readonly Column[], value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(columns.map((column) => [column.name, wholeValue(column, value[column.name])]));
}

function wholeValue(column: Column, value: unknown): unknown {
  if (column.type === 'list') return ((value ?? []) as unknown[]).map((item) => wholeValue(column.of, item));
  if (value === undefined || value === null) return null;
  if (column.type === 'struct') return whole(column.fields, value as Record<string, unknown>);
  return typeof value === 'bigint' ? Number(value) : value instanceof Date ? value.getTime() * 1000 : value;
}

function fieldOf(column: Column): object {
  const optional = column.nullable;
  switch (column.type) {
    case 'list':
      return { ...fieldOf(column.of), repeated: true, optional: false };
    case 'struct':
      return { optional, fields: Object.fromEntries(column.fields.map((field) => [field.name, fieldOf(field)])) };
    default:
      return { type: PRIMITIVES[column.type], optional, compression: 'SNAPPY' };
  }
}

const PRIMITIVES = { text: 'UTF8', word: 'UTF8', int32: 'INT32', int64: 'INT64', time: 'TIMESTAMP_MICROS' };
