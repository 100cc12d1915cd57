import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser, sseText } from '../../../src/inference/wire/sse.ts';
import type { SseEvent } from '../../../src/inference/wire/sse.ts';

const encoder = new TextEncoder();

const read = (...pieces: Uint8Array[]): SseEvent[] => {
  const parser = createSseParser();
  return pieces.flatMap((piece) => parser.push(piece));
};
const readText = (text: string) => read(encoder.encode(text));
const message = (data: string): SseEvent => ({ event: 'message', data });

describe('a stream of events', () => {
  // From the standard's own examples, and what servers are seen to send.
  it.each([
    ['lines of data', 'data: YHOO\ndata: +2\ndata: 10\n\n', [message('YHOO\n+2\n10')]],
    [
      'comments, ids, a field alone',
      ': test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n',
      [...['first', 'second', ' third'].map(message)],
    ],
    ['empty data', 'data\n\ndata\ndata\n\ndata:', [message(''), message('\n')]],
    ['a name', 'event: error\ndata: {}\n\n', [{ event: 'error', data: '{}' }]],
    ['a name without data', 'event: ping\n\ndata: x\n\n', [message('x')]],
    ['CR', 'data: a\rdata: b\r\r', [message('a\nb')]],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', [message('a'), message('b')]],
    ['a mark of byte order', '\ufeffdata: a\n\n', [message('a')]],
    ['an end in mid-event', 'data: a\n\ndata: b\n', [message('a')]],
  ])('%s', (_, text, events) => {
    expect(readText(text)).toEqual(events);
  });

  it('comes to the same wherever it is cut, in mid-character and in mid-CRLF too', () => {
    const ending = fc.constantFrom('\n', '\r', '\r\n');
    const line = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
      fc.constantFrom('', '', ': comment', 'event: x', 'data', 'id: 4', 'data: 🙂é漢'),
    );
    const stream = fc
      .array(fc.tuple(line, ending), { maxLength: 30 })
      .map((lines) => encoder.encode(`${lines.map(([text, end]) => text + end).join('')}`));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 40 }), (bytes, cuts) => {
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(read(...pieces)).toEqual(read(bytes));
        expect(read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(read(bytes));
      }),
    );
  });

  it('reads back what a server writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const data = text.replace(/\r/g, '').toWellFormed();
        expect(readText(sseText(data))).toEqual([message(data)]);
      }),
    );
  });

  it('an event has a bound, whether its line ends or not', () => {
    const parser = createSseParser(20);
    expect(parser.push(encoder.encode('data: 0123456789\n\n'))).toHaveLength(1);
    expect(parser.push(encoder.encode('data: 0123456789\n\n'))).toHaveLength(1);
    expect(() => parser.push(encoder.encode('data: 01234567890123'))).not.toThrow();
    expect(() => parser.push(encoder.encode('4'))).toThrow('longer than 20 characters');
    expect(() => createSseParser(20).push(encoder.encode('data: a\n'.repeat(3)))).toThrow('longer than 20');
  });
});
