/**
 * The text of a body: charset by byte order mark, then the `content-type` header, then what the document says in its first
 * 1,024 bytes, else UTF-8. Bytes that do not fit become U+FFFD; it never throws.
 */
export function decodeText(body: Uint8Array, contentType: string): string {
  const label =
    charsetOfMark(body) ??
    charsetIn(contentType.slice(0, 1024)) ??
    charsetIn(latin1(body.subarray(0, 1024))) ??
    'utf-8';
  return decoderFor(label).decode(body);
}

function charsetOfMark(body: Uint8Array): string | null {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : null;
}

/** From `charset=…` of a header or a meta element, or `encoding=…` of an XML declaration. */
function charsetIn(text: string): string | null {
  return /(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,40})/i.exec(text)?.[1] ?? null;
}

function decoderFor(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder('utf-8');
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
