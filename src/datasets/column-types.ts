import type { DataType } from 'apache-arrow';
import { Dictionary, Field, Int32, Int64, List, Schema, Struct, TimeUnit, Timestamp, Utf8 } from 'apache-arrow';

/** The physical types that Seine's Parquet files are made of. Integers of 64 bits hold at most ±(2^53-1). */
export type ColumnType =
  | { readonly type: 'text' }
  /** Text of few different values. */
  | { readonly type: 'word' }
  | { readonly type: 'int32' }
  | { readonly type: 'int64' }
  /** Microseconds since 1970, UTC. */
  | { readonly type: 'time' }
  | { readonly type: 'list'; readonly of: Column }
  | { readonly type: 'struct'; readonly fields: readonly Column[] };

export type Column = ColumnType & { readonly name: string; readonly nullable: boolean };

/** The Arrow schema of these columns. */
export function arrowSchema(columns: readonly Column[]): Schema {
  // Dictionaries are numbered per schema: the library's own count goes on from file to file, and would end up in their bytes.
  let dictionaries = 0;
  const fieldOf = (column: Column): Field => new Field(column.name, typeOf(column), column.nullable);
  const typeOf = (column: ColumnType): DataType => {
    switch (column.type) {
      case 'text':
        return new Utf8();
      case 'word':
        return new Dictionary(new Utf8(), new Int32(), dictionaries++);
      case 'int32':
        return new Int32();
      case 'int64':
        return new Int64();
      case 'time':
        return new Timestamp(TimeUnit.MICROSECOND, 'UTC');
      case 'list':
        return new List(fieldOf(column.of));
      case 'struct':
        return new Struct(column.fields.map(fieldOf));
    }
  };
  return new Schema(columns.map(fieldOf));
}

/** The type in one line, `struct<likes: int64?, …>`, for comparing and for messages; `?` marks what may be null. */
export function describe(column: ColumnType): string {
  switch (column.type) {
    case 'list':
      return `list<${describeColumn(column.of)}>`;
    case 'struct':
      return `struct<${column.fields.map(describeColumn).join(', ')}>`;
    default:
      return column.type;
  }
}

function describeColumn(column: Column): string {
  return `${column.name}: ${describe(column)}${column.nullable ? '?' : ''}`;
}
