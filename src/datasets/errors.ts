import { SeineError } from '../core/errors.ts';

/**
 * Why a shard is refused. `digest`: the bytes aren't those that were named; `truncated`: not a whole Parquet file, or damaged;
 * `schema`: other columns or types; `row_count`: another number of rows or bytes than stated; `row_invalid`: a row breaks the
 * record format; `order`: not sorted by id, or an id twice; `rows_root`: another row tree or range of times than stated;
 * `too_large`: beyond a limit.
 */
export type ShardFault =
  'digest' | 'truncated' | 'schema' | 'row_count' | 'row_invalid' | 'order' | 'rows_root' | 'too_large';

/** A Parquet file that doesn't keep what its manifest or the format says. Whoever made it has to make it anew. */
export class ShardInvalid extends SeineError {
  readonly reason: ShardFault;

  constructor(reason: ShardFault, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super('ShardInvalid', message, { details: { reason, ...details }, exitCode: 2, cause });
    this.reason = reason;
  }
}

/** Reading took longer than allowed. Says nothing about the shard: another machine, or this one later, may be faster. */
export class ShardReadTimeout extends SeineError {
  constructor(timeoutMs: number) {
    super('ShardReadTimeout', `a Parquet file wasn't read within ${timeoutMs} ms; try again when there is less load`, {
      details: { timeoutMs },
      remedy: 'retry',
    });
  }
}

/** A Parquet file could not be written. */
export class ParquetWriteFailed extends SeineError {
  constructor(path: string, why: string) {
    super('ParquetWriteFailed', `${path} could not be written (${why}); see that its disk has room, and try again`, {
      details: { path },
      remedy: 'retry',
    });
  }
}

/** No object of this digest is stored here. */
export class ObjectMissing extends SeineError {
  constructor(digest: string) {
    super('ObjectMissing', `no object ${digest} in this store; fetch it first`, {
      details: { digest },
      remedy: 'retry',
    });
  }
}

/** A stored object's bytes no longer have its digest: the disk or someone changed them. */
export class ObjectDamaged extends SeineError {
  constructor(digest: string, path: string) {
    super('ObjectDamaged', `${path} doesn't hold the bytes of ${digest}; remove it and fetch it again`, {
      details: { digest, path },
    });
  }
}

/** There is something else where a dataset should go. */
export class DatasetExists extends SeineError {
  constructor(path: string) {
    super('DatasetExists', `${path} exists and is another dataset; choose a new folder`, {
      details: { path },
      exitCode: 2,
    });
  }
}

/** A version would hold what the one before holds. */
export class DatasetUnchanged extends SeineError {
  constructor(base: string) {
    super('DatasetUnchanged', `nothing has changed since version ${base}: there is no new version to build`, {
      details: { base },
      exitCode: 0,
    });
  }
}

/** A dataset has no row of this id. */
export class RowNotFound extends SeineError {
  constructor(id: string) {
    super('RowNotFound', `the dataset has no row ${id}`, { details: { id }, exitCode: 2 });
  }
}
