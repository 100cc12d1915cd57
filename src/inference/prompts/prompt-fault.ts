/** Shorter ones say nothing that could be checked. */
const MIN_CHARACTERS = 8;

/** Why a text can't be asked as a prompt; null where it can. @param maxBytes of UTF-8: the task's limit */
export function promptFault(prompt: string, maxBytes: number): string | null {
  if (!prompt.isWellFormed()) return 'holds half a surrogate pair';
  if (prompt.trim().length < MIN_CHARACTERS) return `is shorter than ${MIN_CHARACTERS} characters`;
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(prompt)) return 'holds control characters';
  const sizeBytes = Buffer.byteLength(prompt);
  return sizeBytes > maxBytes ? `is ${sizeBytes} bytes long, at most ${maxBytes} may be asked` : null;
}
