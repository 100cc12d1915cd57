import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../src/net/read-body.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const tooLarge = (mostBytes: number): Error => new Error(`over ${mostBytes}`);

function requestOf(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  headers: IncomingMessage['headers'] = {},
): IncomingMessage {
  return Object.assign(Readable.from(chunks), { headers }) as unknown as IncomingMessage;
}

describe('the body of a request', () => {
  it('is read up to its bound', async () => {
    const body = () => requestOf([Buffer.from('ab'), Buffer.from('cd')]);
    expect(Buffer.from(await readBody(body(), 4, tooLarge)).toString()).toBe('abcd');
    await expect(readBody(body(), 3, tooLarge)).rejects.toThrow('over 3');
    await expect(readBody(requestOf([], { 'content-length': '5' }), 4, tooLarge)).rejects.toThrow('over 4');
  });

  it('takes no more memory where it comes byte by byte', async () => {
    const bytes = 200_000;
    collect();
    const beforeBytes = process.memoryUsage().heapUsed;
    let takenBytes = 0;
    async function* single(): AsyncGenerator<Buffer> {
      for (let index = 0; index < bytes; index += 1) {
        // As from a socket: what one turn brings is kept until it ends.
        if (index % 100 === 0) await nextTurn();
        if (index === bytes - 1) {
          collect();
          takenBytes = process.memoryUsage().heapUsed - beforeBytes;
        }
        yield Buffer.from([index % 256]);
      }
    }
    const body = await readBody(requestOf(single()), bytes, tooLarge);
    expect([body.length, body[1000]]).toEqual([bytes, 1000 % 256]);
    // Each chunk that were kept would cost a hundred bytes.
    expect(takenBytes).toBeLessThan(20 * bytes);
  });
});
