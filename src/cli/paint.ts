/** How a cell or line is meant to read. */
export type Tone = 'plain' | 'strong' | 'quiet' | 'good' | 'warn' | 'bad';

/** SGR parameters (ECMA-48) of each tone. */
const CODES: Readonly<Record<Exclude<Tone, 'plain'>, number>> = { strong: 1, quiet: 2, good: 32, warn: 33, bad: 31 };

export type Paint = (text: string, tone: Tone) => string;

/** Colours when `enabled`, else leaves text as it is. */
export function createPaint(enabled: boolean): Paint {
  return (text, tone) => (enabled && tone !== 'plain' ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text);
}

/** Text of unknown origin made harmless for a terminal: no control characters, one line. */
export function sanitize(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => (/\s/.test(character) ? ' ' : '\ufffd'));
}
