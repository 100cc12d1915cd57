/** URLs longer than this are traps or tokens, not pages. */
export const MAX_URL_LENGTH = 2048;
/** Of a URL as it stands in a page, tracking parameters included; the work on one must have an end. */
const MAX_WRITTEN_LENGTH = 8 * MAX_URL_LENGTH;

/**
 * The canonical form of an http(s) URL (DESIGN.md, "Canonical ids"): scheme and host in lower case; no default port, user,
 * fragment, tracking parameter, dot segment or dot behind the host; percent escapes in upper case, and none where the character needs
 * none (RFC 3986, 6.2.2.1 and 6.2.2.2). Other parameters keep their order and spelling, because servers may tell them apart.
 * @param base what a relative `url` stands on
 * @returns null for what is not an http(s) URL or is longer than MAX_URL_LENGTH (as written: eight times that)
 */
export function canonicalizeUrl(url: string, base?: string): string | null {
  if (url.length > MAX_WRITTEN_LENGTH || !URL.canParse(url, base)) return null;
  const parsed = new URL(url, base);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return null;
  parsed.hash = '';
  parsed.username = '';
  parsed.password = '';
  parsed.hostname = withoutDotsBehind(parsed.hostname);
  parsed.pathname = plainEscapes(parsed.pathname);
  const query = parsed.search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '' && !isTracking(parameter))
    .map(plainEscapes)
    .join('&');
  // Assigned with its mark, because one of the query's own would be taken for it.
  parsed.search = query === '' ? '' : `?${query}`;
  const canonical = parsed.href;
  return canonical.length > MAX_URL_LENGTH ? null : canonical;
}

/** By hand, since a pattern takes the square of a run of dots that is not at the end. */
function withoutDotsBehind(hostname: string): string {
  let end = hostname.length;
  while (end > 0 && hostname[end - 1] === '.') end -= 1;
  return hostname.slice(0, end);
}

/**
 * Whether a page at `url` may name `canonical` as its own place: the same host, or a host above or below it
 * (`www.example.org` and `example.org`). Narrower than the registrable domain: it needs no public suffix list, which
 * both sides of a check would have to pin to the same version.
 */
export function isSameSite(url: string, canonical: string): boolean {
  const [a, b] = [new URL(url), new URL(canonical)];
  if (a.port !== b.port) return a.host === b.host;
  const [short, long] = [a.hostname, b.hostname].sort((x, y) => x.length - y.length) as [string, string];
  if (short === long) return true;
  const isName = short.includes('.') && !/^[\d.]+$/.test(long) && !long.startsWith('[');
  return isName && long.endsWith(`.${short}`);
}

function isTracking(parameter: string): boolean {
  const [raw = ''] = parameter.split('=', 1);
  const name = decode(raw).toLowerCase();
  return name.startsWith('utm_') || TRACKING.has(name);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Percent escapes as RFC 3986 would have them. A percent sign that begins no escape is written as one: else it could begin one with
 * what an escape behind it stands for (`%%373`).
 */
function plainEscapes(text: string): string {
  return text.replace(/%([0-9a-f]{2})?/gi, (escape, digits: string | undefined) => {
    if (digits === undefined) return '%25';
    const character = String.fromCharCode(parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
}

/** Characters that mean the same escaped or not (RFC 3986, 2.3). */
const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/** Parameters that tell where a visitor came from and change nothing on the page. */
const TRACKING = new Set([
  '_ga',
  '_gl',
  '_hsenc',
  '_hsmi',
  'dclid',
  'fbclid',
  'gbraid',
  'gclid',
  'gclsrc',
  'igshid',
  'li_fat_id',
  'mc_cid',
  'mc_eid',
  'mkt_tok',
  'msclkid',
  'oly_anon_id',
  'oly_enc_id',
  'srsltid',
  'ttclid',
  'twclid',
  'vero_id',
  'wbraid',
  'yclid',
]);
