/** Why a URL is not worth a place in the frontier: it looks like what a site makes without end. */
export type UrlTrap = 'url_too_long' | 'too_many_parameters' | 'repeated_segments';

/** Longer ones are traps or tokens, not pages. */
const MAX_LENGTH = 2048;
/** Filters that add up to ever new pages of the same. */
const MAX_PARAMETERS = 10;
/** Longest run of segments that is looked for: `a/b/a/b/a/b` has one of two. */
const MAX_RUN = 8;

/** What makes a canonical URL a trap; null for one that is none. */
export function urlTrap(url: string): UrlTrap | null {
  if (url.length > MAX_LENGTH) return 'url_too_long';
  const query = url.indexOf('?');
  if (query >= 0 && countOf(url, '&', query) >= MAX_PARAMETERS) return 'too_many_parameters';
  const path = query < 0 ? url : url.slice(0, query);
  return hasRepeatedSegments(path.slice(pathStart(url)).split('/')) ? 'repeated_segments' : null;
}

/**
 * What URLs that one template makes have in common: host, path with each run of digits as `0`, and the sorted names of the parameters.
 * `https://a.test/calendar/2024/07?view=day&page=3` is `https://a.test/calendar/0/0?page&view`.
 * @param url canonical
 */
export function urlShape(url: string): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const start = pathStart(url);
  const shape = path.slice(0, start) + path.slice(start).replace(/\d+/g, '0');
  if (query < 0) return shape;
  const names = url
    .slice(query + 1)
    .split('&')
    .map((parameter) => parameter.split('=', 1)[0]);
  return `${shape}?${names.sort().join('&')}`;
}

/** Where the path of a canonical URL begins. */
function pathStart(url: string): number {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  return start < 0 ? url.length : start;
}

/** A run of segments three times in a row, a single segment four times: `/11/11/11` may be a date. */
function hasRepeatedSegments(segments: readonly string[]): boolean {
  for (let run = 1; run <= MAX_RUN && run * 3 <= segments.length; run += 1) {
    const enough = run === 1 ? 3 : run * 2;
    let equal = 0;
    for (let at = run; at < segments.length; at += 1) {
      equal = segments[at] === segments[at - run] ? equal + 1 : 0;
      if (equal >= enough) return true;
    }
  }
  return false;
}

function countOf(text: string, mark: string, from: number): number {
  let count = 0;
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) count += 1;
  return count;
}
