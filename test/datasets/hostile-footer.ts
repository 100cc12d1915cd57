/** A Parquet file's last bytes: length of the footer, 4 bytes little-endian, and `PAR1`. */
const TAIL_BYTES = 8;

/** The file with a change made to its footer; what is before it stays as it is. */
export function withFooter(file: Buffer, change: (footer: Buffer) => Buffer): Buffer {
  const length = file.readUInt32LE(file.length - TAIL_BYTES);
  const start = file.length - TAIL_BYTES - length;
  const footer = change(file.subarray(start, start + length));
  const tail = Buffer.from('....PAR1', 'latin1');
  tail.writeUInt32LE(footer.length);
  return Buffer.concat([file.subarray(0, start), footer, tail]);
}

/**
 * The file with another number of rows stated for it: field 3 of `FileMetaData`, before the list of row groups.
 * Thrift's compact protocol writes 64-bit integers in zigzag, as variable-length ones.
 */
export function withStatedRows(file: Buffer, from: number, to: number): Buffer {
  const field = (rows: number): Buffer => Buffer.from([0x16, ...varint(BigInt(rows) * 2n), 0x19]);
  return withFooter(file, (footer) => replaced(footer, field(from), field(to), 1));
}

/** The same for the only row group, of which `numRows` is the field after `totalByteSize`, and for all its columns' values. */
export function withStatedValues(file: Buffer, from: number, to: number): Buffer {
  const field = (rows: number): Buffer => Buffer.from([0x16, ...varint(BigInt(rows) * 2n)]);
  return withFooter(file, (footer) => replaced(footer, field(from), field(to)));
}

/** The bytes with every `from` replaced by `to`; throws where there are none, or not `times`. */
export function replaced(bytes: Buffer, from: Buffer, to: Buffer, times?: number): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const next = bytes.indexOf(from, at);
    if (next === -1) break;
    parts.push(bytes.subarray(at, next), to);
    at = next + from.length;
  }
  const found = parts.length / 2;
  if (found === 0 || (times !== undefined && found !== times)) throw new Error(`found ${found} times, not ${times}`);
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return [...bytes, Number(value)];
}
