/** NFC, well-formed, without control characters other than line feed and tab; trimmed. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff]/g, '')
    .normalize('NFC')
    .trim();
}

/** One line of at most `maxLength` UTF-16 units, or null when nothing is left. */
export function cleanLine(text: string | undefined | null, maxLength: number): string | null {
  const line = cleanText((text ?? '').slice(0, maxLength * 4)).replace(/\s+/g, ' ');
  // A pair cut in two leaves its first half at the end.
  const short = line
    .slice(0, maxLength)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();
  return short === '' ? null : short;
}
