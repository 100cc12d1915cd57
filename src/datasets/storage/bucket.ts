/** Bytes `start` up to, not including, `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/** A place for files by name, somewhere: what a kind of object storage has to offer. */
export interface Bucket {
  /** Where it is, for messages; never a secret. */
  readonly place: string;
  /** Bytes of a file; null where there is none of this name. */
  size(name: string): Promise<number | null>;
  /** A file's bytes, or a range of them that lies within it. The name must be there. */
  read(name: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /**
   * Stores a copy of a local file. It is seen under its name whole or not at all; storing goes on where an earlier try broke off, as far as
   * the storage allows.
   */
  writeFile(name: string, path: string): Promise<void>;
  /** Nothing happens where there is none of this name. */
  remove(name: string): Promise<void>;
}
