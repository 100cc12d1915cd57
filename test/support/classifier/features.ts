import { createHash } from 'node:crypto';
import { HASHED } from './seen-request.ts';
import type { Labelled, SeenRequest } from './seen-request.ts';
import { phasesOf } from './rhythm.ts';

/** Header values longer than this are ids and signatures, other in each request. */
const MOST_VALUE_CHARACTERS = 40;

/** Parameters whose size may tell something. */
const NUMBERS = ['max_tokens', 'temperature', 'top_p', 'seed'] as const;

/**
 * The features of all requests, in the order of arrival. Rhythms are learned from those that may be trained on; nothing else looks at a label.
 * @param training whether a request may be trained on, by its place
 */
export function featuresOf(seen: readonly SeenRequest[], training: readonly boolean[]): Labelled[] {
  const times = seen.map(({ arrivedMs }) => arrivedMs);
  const phases = phasesOf(
    times,
    seen.map(({ synthetic }, index) => (training[index] === true ? synthetic : null)),
  );
  return seen.map((request, index) => {
    const text = textsIn(JSON.parse(request.body)).join('\n');
    const [before, after] = [gap(times, index, -1), gap(times, index, 1)];
    return {
      dense: [...[before, after, Math.min(before, after)], ...(phases[index] ?? []), ...sizesOf(request, text)],
      present: hashed([...headersOf(request), ...membersOf(JSON.parse(request.body)), ...gramsOf(text)]),
      synthetic: request.synthetic,
    };
  });
}

/** Logarithm of the time to a neighbour. */
function gap(times: readonly number[], index: number, step: 1 | -1): number {
  const [here, other] = [times[index] ?? 0, times[index + step] ?? times[index] ?? 0];
  return Math.log(0.05 + Math.abs(other - here));
}

function sizesOf({ rawHeaders, body }: SeenRequest, text: string): number[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const count = (pattern: RegExp): number => (text.match(pattern) ?? []).length;
  const share = (found: number): number => found / Math.max(1, text.length);
  const distinct = new Set(words.map((word) => word.toLowerCase())).size;
  return [
    ...[rawHeaders.length, rawHeaders.join('').length, body.length, Math.log(1 + body.length)],
    ...[text.length, Math.log(1 + text.length), words.length, share(words.join('').length)],
    ...[count(/[.!?](?:\s|$)/g), count(/\n/g), count(/\?/g), share(count(/\p{Lu}/gu)), share(count(/\p{N}/gu))],
    ...[share(count(/[,;:()"'-]/g)), distinct / Math.max(1, words.length)],
    ...repeatsIn(words),
    ...NUMBERS.map((name) => Math.log(1 + Number((JSON.parse(body) as Record<string, unknown>)[name] ?? 0))),
  ];
}

/** Long words that come again: what stays with its subject has more of them. */
function repeatsIn(words: readonly string[]): number[] {
  const long = words
    .map((word) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''))
    .filter(({ length }) => length >= 5);
  const repeated = long.length - new Set(long).size;
  return [repeated, repeated / Math.max(1, long.length)];
}

function headersOf({ rawHeaders }: SeenRequest): string[] {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const values = rawHeaders.filter((_, index) => index % 2 === 1);
  return [
    ...names.map((name, index) => `header ${name} then ${names[index + 1] ?? ''}`),
    ...values.flatMap((value, index) => (value.length > MOST_VALUE_CHARACTERS ? [] : [`${names[index]}: ${value}`])),
  ];
}

/** Members in their order, and the values of parameters. */
function membersOf(body: unknown, path = 'body'): string[] {
  if (Array.isArray(body)) {
    return [`${path} has ${body.length}`, ...body.flatMap((item) => membersOf(item, `${path}[]`))];
  }
  if (typeof body !== 'object' || body === null) {
    return typeof body === 'string' && body.length > MOST_VALUE_CHARACTERS ? [] : [`${path}=${String(body)}`];
  }
  const members = Object.entries(body);
  return members.flatMap(([name, value], index) => [
    `${path}.${name} then ${members[index + 1]?.[0] ?? ''}`,
    ...membersOf(value, `${path}.${name}`),
  ]);
}

/** All strings of a body that are longer than a word. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.includes(' ') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Words, pairs of words, and runs of three and four characters. */
function gramsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{L}+|\p{N}+|[^\s\p{L}\p{N}]/gu) ?? [];
  const lower = text.toLowerCase().replace(/\s+/g, ' ');
  return [
    ...words.map((word) => `w ${word}`),
    ...words.slice(1).map((word, index) => `p ${words[index]} ${word}`),
    ...Array.from({ length: Math.max(0, lower.length - 2) }, (_, at) => `c ${lower.slice(at, at + 3)}`),
    ...Array.from({ length: Math.max(0, lower.length - 3) }, (_, at) => `c ${lower.slice(at, at + 4)}`),
    `first ${words.slice(0, 2).join(' ')}`,
    `last ${words.slice(-2).join(' ')}`,
  ];
}

function hashed(things: readonly string[]): number[] {
  return [...new Set([...new Set(things)].map(bucketOf))];
}

const buckets = new Map<string, number>();

function bucketOf(thing: string): number {
  const known = buckets.get(thing);
  if (known !== undefined) return known;
  const bucket = createHash('sha1').update(thing).digest().readUInt32BE(0) % HASHED;
  buckets.set(thing, bucket);
  return bucket;
}
