/**
 * The text of a body. Its charset is what its byte order mark says; else UTF-8, where it is that and not ASCII alone, whatever is declared, since text in
 * another charset hardly ever is UTF-8 by chance; else what is declared: by the `content-type` header, then within the document's first 1,024 bytes
 * by `meta` or the XML declaration. The first one counts that the bytes fit; where none does, the first one known. Without any, and where
 * it is no UTF-8 as declared, what the page's language is
 * usually written in (WHATWG HTML, 13.2.3.2), which for most is windows-1252. Bytes that do not fit become U+FFFD; it never throws.
 */
export function decodeText(body: Uint8Array, contentType: string): string {
  const marked = charsetOfMark(body);
  if (marked !== null) return decode(marked, body);
  const head = latin1(body.subarray(0, HEAD_BYTES));
  const declared = [charsetOfHeader(contentType), charsetOfDocument(head)].map((label) => knownCharset(label));
  const [first, ...others] = declared.filter((charset) => charset !== null);
  // UTF-16 of plain letters is well-formed UTF-8, with zeros between them.
  if (first !== 'utf-16le' && first !== 'utf-16be') {
    const text = decodeStrictly('utf-8', body);
    // Seven-bit charsets, such as ISO-2022-JP, look like ASCII.
    if (text !== null && (first === undefined || first !== 'iso-2022-jp' || text.length !== body.length)) return text;
  }
  for (const charset of [first, ...others]) {
    const text = charset === undefined ? null : decodeStrictly(charset, body);
    if (text !== null) return text;
  }
  const isUnknown = first === undefined || first === 'utf-8';
  return decode(isUnknown ? usualCharset(body, head) : first, body);
}

function charsetOfMark(body: Uint8Array): string | null {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : null;
}

function charsetOfHeader(contentType: string): string | null {
  return /;\s*charset\s*=\s*["']?\s*([\w:.-]{2,40})/i.exec(contentType.slice(0, 1024))?.[1] ?? null;
}

function charsetOfDocument(head: string): string | null {
  const xml = /^\s*<\?xml\s[^>]{0,200}?\bencoding\s*=\s*["']\s*([\w:.-]{2,40})/i.exec(head)?.[1];
  if (xml !== undefined) return xml;
  const markup = head.replace(/<!--[^]*?-->/g, '');
  const meta = /<meta\s[^>]{0,300}?\bcharset\s*=\s*["']?\s*([\w:.-]{2,40})/i.exec(markup)?.[1];
  // A document whose first bytes could be read as ASCII is not in UTF-16, whatever it says.
  return meta !== undefined && /^utf-?16/i.test(meta) ? 'utf-8' : (meta ?? null);
}

/** The name by which the decoder knows a label (WHATWG Encoding, 4.2); null for those it does not know. */
function knownCharset(label: string | null): string | null {
  if (label === null) return null;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function decodeStrictly(charset: string, body: Uint8Array): string | null {
  try {
    return charset === 'windows-1252' ? decode(charset, body) : new TextDecoder(charset, { fatal: true }).decode(body);
  } catch {
    return null;
  }
}

/** Versions of Node differ in windows-1252: some read its quotation marks and dashes as the controls of ISO 8859-1. */
function decode(charset: string, body: Uint8Array): string {
  if (charset !== 'windows-1252') return new TextDecoder(charset).decode(body);
  return latin1(body).replace(/[\u0080-\u009f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80] ?? control);
}

/** UTF-8 that was damaged or cut is still that. */
function usualCharset(body: Uint8Array, head: string): string {
  const sample = body.subarray(0, SAMPLE_BYTES);
  const broken = new TextDecoder().decode(sample).split('\ufffd').length - 1;
  const highBytes = sample.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  if (broken * 10 < highBytes) return 'utf-8';
  const language = /<html\s[^>]{0,300}?\blang\s*=\s*["']?\s*([a-z]{2,3}(?:-[a-z]{2,4})*)/i
    .exec(head)?.[1]
    ?.toLowerCase();
  return USUAL[language ?? ''] ?? USUAL[language?.split('-', 1)[0] ?? ''] ?? 'windows-1252';
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Its bytes from 80 to 9F (WHATWG Encoding). */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** How far in a document may declare its charset. */
const HEAD_BYTES = 1024;
const SAMPLE_BYTES = 65_536;

/** By language, the charset of documents that declare none (WHATWG HTML, 13.2.3.2). */
const USUAL: Readonly<Record<string, string>> = {
  ar: 'windows-1256',
  az: 'windows-1254',
  ba: 'windows-1251',
  be: 'windows-1251',
  bg: 'windows-1251',
  cs: 'windows-1250',
  el: 'iso-8859-7',
  et: 'windows-1257',
  fa: 'windows-1256',
  he: 'windows-1255',
  hr: 'windows-1250',
  hu: 'iso-8859-2',
  ja: 'shift_jis',
  kk: 'windows-1251',
  ko: 'euc-kr',
  ku: 'windows-1254',
  ky: 'windows-1251',
  lt: 'windows-1257',
  lv: 'windows-1257',
  mk: 'windows-1251',
  pl: 'iso-8859-2',
  ru: 'windows-1251',
  sah: 'windows-1251',
  sk: 'windows-1250',
  sl: 'iso-8859-2',
  sr: 'windows-1251',
  tg: 'windows-1251',
  th: 'windows-874',
  tr: 'windows-1254',
  tt: 'windows-1251',
  uk: 'windows-1251',
  vi: 'windows-1258',
  zh: 'gb18030',
  'zh-hant': 'big5',
  'zh-hk': 'big5',
  'zh-mo': 'big5',
  'zh-tw': 'big5',
};
