import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

/*
 * A toy in place of a model: what it makes depends on its seed and the request alone, and a model of another seed or of coarser numbers makes
 * something else, so that checks have something to tell apart. It means nothing.
 */

export interface ToyModel {
  seed: string;
  /** Width of the errors in its numbers, as rounded weights leave them; 0: none. */
  coarseness: number;
}

export interface ToyToken {
  token: string;
  logprob: number;
  /** Place among all of its words, from 1. */
  rank: number;
  /** Likeliest first. */
  top: { token: string; logprob: number }[];
}

const WORDS = 160;
const VOCABULARY = Array.from(
  { length: WORDS },
  (_, index) => ` ${syllable(index % 16)}${syllable(Math.floor(index / 16))}`,
);
/** Ends a text; unlikely everywhere, so that texts end by their length. */
const END = '</s>';
const CANDIDATES = [...VOCABULARY, END];
/** Of its logits, which crowd at the low end: the likeliest word has about half of the probability, the likeliest ten nearly all. */
const SPREAD = 10;
const CROWDING = 12;
/** Of a word that the toy does not know. */
const UNKNOWN_LOGPROB = -20;

/** Tokens of a text: words with the one white space before them. They join to the text. */
export function toyTokens(text: string): string[] {
  return text.match(/\s?\S+|\s/g) ?? [];
}

/** The text that a chat comes to before the toy answers; a verifier needs it to read an answer's probabilities by completion. */
export function toyChatPrompt(messages: readonly { role: string; content: unknown }[]): string {
  return `${messages.map(({ role, content }) => `${role}: ${typeof content === 'string' ? content : JSON.stringify(content)}\n`).join('')}assistant:`;
}

/** One position of a text after its context. */
export function toyPosition(model: ToyModel, context: readonly string[], token: string): ToyToken {
  return ratedToken(logprobsAfter(model, context), token);
}

/** Tokens that follow a prompt: the likeliest at temperature 0, else drawn by the seed. */
export function toyText(
  model: ToyModel,
  prompt: string,
  { maxTokens, temperature, seed }: { maxTokens: number; temperature: number; seed: number },
): { tokens: ToyToken[]; reason: 'stop' | 'length' } {
  const context = toyTokens(prompt);
  const tokens: ToyToken[] = [];
  while (tokens.length < maxTokens) {
    const all = logprobsAfter(model, context);
    const token = drawn(all, temperature, fraction(`${seed} ${tokens.length} ${prompt}`));
    if (token === END) return { tokens, reason: 'stop' };
    tokens.push(ratedToken(all, token));
    context.push(token);
  }
  return { tokens, reason: 'length' };
}

/** A vector of length 1 whose direction is that of its words. */
export function toyVector(model: ToyModel, text: string, dimensions: number): number[] {
  const sums = Array.from({ length: dimensions }, (_, index) =>
    toyTokens(text).reduce((sum, token) => sum + fraction(`${model.seed} ${token.trim()} ${index}`) - 0.5, 0),
  ).map((value) => rounded(value, model.coarseness));
  const length = Math.hypot(...sums);
  return sums.map((value) => (length === 0 ? 0 : value / length));
}

/** A PNG of 8 x 8 squares, stretched to its size. */
export function toyImage(model: ToyModel, about: string, width: number, height: number): Buffer {
  const squares = createHash('sha512').update(`${model.seed} ${about}`).digest();
  const colours = Uint8Array.from(squares, (value) => Math.min(255, rounded(value, model.coarseness * 40)));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const square = Math.floor((y * 8) / height) * 8 + Math.floor((x * 8) / width);
      rows[y * (width + 1) + 1 + x] = colours[square] ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits of grey.
  header[8] = 8;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngPart('IHDR', header),
    pngPart('IDAT', deflateSync(rows)),
    pngPart('IEND', Buffer.alloc(0)),
  ]);
}

/** A number for each word of the vocabulary, words that it does not know behind them. */
export function toyTokenId(token: string): number {
  const index = CANDIDATES.indexOf(token);
  return index < 0 ? CANDIDATES.length + crc32(token) : index;
}

function ratedToken(all: ReadonlyMap<string, number>, token: string): ToyToken {
  const logprob = all.get(token) ?? UNKNOWN_LOGPROB;
  const rank = 1 + [...all.values()].filter((other) => other > logprob).length;
  return { token, logprob, rank, top: topOf(all) };
}

/** The whole context counts: an answer to another prompt is unlikely from its first word to its last. */
function logprobsAfter(model: ToyModel, context: readonly string[]): Map<string, number> {
  const bytes = createHash('shake256', { outputLength: CANDIDATES.length * 4 })
    .update(`${model.seed}\n${context.join('')}`)
    .digest();
  const at = (index: number): number => bytes.readUInt16BE(index * 2) / 65_536;
  const logits = CANDIDATES.map((token, index) => {
    const error = (at(CANDIDATES.length + index) - 0.5) * model.coarseness;
    return at(index) ** CROWDING * SPREAD + error - (token === END ? SPREAD : 0);
  });
  const logOfSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return new Map(CANDIDATES.map((token, index) => [token, (logits[index] ?? 0) - logOfSum]));
}

function drawn(all: ReadonlyMap<string, number>, temperature: number, at: number): string {
  const ranked = [...all].sort(([, a], [, b]) => b - a);
  const best = ranked[0]?.[0] ?? END;
  if (temperature === 0) return best;
  const weights = ranked.map(([, logprob]) => Math.exp(logprob / temperature));
  let left = at * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  return ranked[index]?.[0] ?? best;
}

function topOf(all: ReadonlyMap<string, number>): ToyToken['top'] {
  return [...all]
    .map(([token, logprob]) => ({ token, logprob }))
    .sort((a, b) => b.logprob - a.logprob)
    .slice(0, 20);
}

function rounded(value: number, width: number): number {
  return width === 0 ? value : Math.round(value / width) * width;
}

/** In [0, 1). */
function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

function syllable(index: number): string {
  return `${'bdfgklmnprstvzhj'[index % 16]}${'aeiou'[Math.floor(index / 16) % 5]}`;
}

function pngPart(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
