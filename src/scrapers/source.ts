import type { DataRecord } from '../core/record.ts';

/** What one fetched address of a source holds. */
export interface SourcePage {
  /** Where the last redirect led. */
  url: string;
  /** HTTP status. */
  status: number;
  records: DataRecord[];
  /** Canonical URLs to fetch next. */
  links: string[];
  /** Lists of links that change often: asked again at each run. */
  feeds: string[];
  /** Only a browser can show what is here. */
  needsBrowser: boolean;
  /** Last-Modified, microseconds; null where the source does not say. */
  lastModified: number | null;
  /** Retry-After of a refusal, ms; null where the source does not say. */
  retryAfterMs: number | null;
}

export interface SourceRequest {
  /** Whether scripts are to be run. */
  byBrowser: boolean;
  signal?: AbortSignal;
}

/**
 * The port that every source implements. Any HTTP status resolves; what stands in the way rejects with a SeineError whose
 * remedy says whether to try again.
 */
export interface Source {
  fetchPage(url: string, request: SourceRequest): Promise<SourcePage>;
}
