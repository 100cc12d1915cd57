import { createRequire } from 'node:module';
import type { Column } from '../../src/datasets/column-types.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';

/** The part of parquetjs-lite that is used; the package has no types of its own. */
export interface Parquetjs {
  ParquetSchema: new (fields: Readonly<Record<string, object>>) => object;
  ParquetWriter: { openFile(schema: object, path: string): Promise<ParquetjsWriter> };
}

interface ParquetjsWriter {
  setRowGroupSize(rows: number): void;
  appendRow(row: object): Promise<void>;
  close(): Promise<void>;
}

/** Null where it isn't installed. */
export function loadParquetjs(): Parquetjs | null {
  const require = createRequire(import.meta.url);
  try {
    return require('parquetjs-lite') as Parquetjs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/**
 * Writes rows with parquetjs-lite as well as it can: snappy, because it has no zstd; no dictionaries; each column nullable or not as ours;
 * times in microseconds; lists as the repeated fields of the old form, which can't tell an empty list from none.
 */
export async function writeWithParquetjs(
  { ParquetSchema, ParquetWriter }: Parquetjs,
  path: string,
  rows: readonly DataRecord[],
): Promise<void> {
  const fields = Object.fromEntries(RECORD_COLUMNS.map((column) => [column.name, fieldOf(column)]));
  const writer = await ParquetWriter.openFile(new ParquetSchema(fields), path);
  writer.setRowGroupSize(65_536);
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
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
