import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { forever } from './hostile-server.ts';

/** What a hostile server does, and what the client says of it. */
export interface HostileAnswer {
  title: string;
  act: (socket: Socket) => void;
  expected: string;
}

const OK = 'HTTP/1.1 200 OK\r\n';

function answer(socket: Socket, headers: string, body: string | Buffer = ''): void {
  socket.write(`${OK}connection: close\r\n${headers}\r\n`);
  if (body.length > 0) socket.write(body);
}

function encoded(encoding: string, body: Buffer): (socket: Socket) => void {
  return (socket) => answer(socket, `content-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n`, body);
}

const row = (title: string, expected: string, act: (socket: Socket) => void): HostileAnswer => ({
  title,
  act,
  expected,
});

const ZEROS = Buffer.alloc(30_000_000);
/** Unfolds to 3 MB, within what a body may have, but 900 times what was sent. */
const STEEP = gzipSync(Buffer.alloc(3_000_000));
const GZIP = gzipSync(ZEROS);
const LINE = `x-more: ${'a'.repeat(1000)}\r\n`;
const CHUNK = Buffer.from(`2710\r\n${'a'.repeat(10_000)}\r\n`);

/** Answers by HTTP/1 to a client that takes 4 MB, waits 1 s in a phase and 2.5 s in all. */
export const HOSTILE_ANSWERS: readonly HostileAnswer[] = [
  row('bomb of gzip', 'BodyTooLarge', encoded('gzip', GZIP)),
  row('bomb of deflate', 'BodyTooLarge', encoded('deflate', deflateSync(ZEROS))),
  row('bomb of brotli', 'CompressionBomb', encoded('br', brotliCompressSync(ZEROS))),
  row('steep gzip below the limit', 'CompressionBomb', encoded('gzip', STEEP)),
  row('bomb in a bomb', 'CompressionBomb', encoded('gzip, gzip', gzipSync(gzipSync(ZEROS)))),
  row('gzip in brotli', 'CompressionBomb', encoded('gzip, br', brotliCompressSync(STEEP))),
  row('encodings without number', 'FetchFailed', encoded(Array(500).fill('gzip').join(','), GZIP)),
  row('encoding that nobody asked for', 'FetchFailed', encoded('zstd', Buffer.from('zstd'))),
  row('gzip that is none', 'FetchFailed', encoded('gzip', Buffer.from('no gzip at all'))),
  row('gzip that ends early', 'FetchFailed', encoded('gzip', GZIP.subarray(0, 1000))),
  row('chunks without end', 'BodyTooLarge', (socket) => {
    answer(socket, 'transfer-encoding: chunked\r\n');
    forever(socket, CHUNK);
  }),
  row('chunks of one byte', 'FetchFailed', (socket) => {
    answer(socket, 'transfer-encoding: chunked\r\n');
    forever(socket, Buffer.from('1\r\na\r\n'.repeat(10_000)));
  }),
  row('body without length or end', 'BodyTooLarge', (socket) => {
    answer(socket, '');
    forever(socket, CHUNK);
  }),
  row('chunk extensions without end', 'FetchTimeout', (socket) => {
    answer(socket, 'transfer-encoding: chunked\r\n');
    forever(socket, `1;${'x=y;'.repeat(1000)}`, 5);
  }),
  row('chunk of no hexadecimal length', 'FetchFailed', (socket) =>
    answer(socket, 'transfer-encoding: chunked\r\n', 'zz\r\nhello\r\n0\r\n\r\n'),
  ),
  row('chunk longer than it says', 'FetchFailed', (socket) =>
    answer(socket, 'transfer-encoding: chunked\r\n', '2\r\nhello\r\n0\r\n\r\n'),
  ),
  row('chunk of 2^64 bytes', 'FetchFailed', (socket) =>
    answer(socket, 'transfer-encoding: chunked\r\n', '10000000000000000\r\nhello'),
  ),
  row('trailers without end', 'HeadersTooLarge', (socket) => {
    answer(socket, 'transfer-encoding: chunked\r\n', '0\r\n');
    forever(socket, LINE);
  }),
  row('silence', 'FetchTimeout', () => undefined),
  row('headers that drip', 'FetchTimeout', (socket) => {
    socket.write(`${OK}x-slow: `);
    forever(socket, 'a', 10);
  }),
  row('status line that drips', 'FetchTimeout', (socket) => {
    socket.write('HTTP/1.1 200 ');
    forever(socket, 'O', 10);
  }),
  row('body that drips', 'FetchTimeout', (socket) => {
    answer(socket, 'content-length: 100000\r\n');
    forever(socket, 'a', 10);
  }),
  row('body that stops', 'FetchTimeout', (socket) => answer(socket, 'content-length: 100000\r\n', 'begun')),
  row('100,000 headers', 'HeadersTooLarge', (socket) => {
    answer(socket, Array.from({ length: 100_000 }, (_, number) => `x${number}: y\r\n`).join(''), 'body');
  }),
  row('200 small headers', 'HeadersTooLarge', (socket) => {
    answer(socket, `${'a: b\r\n'.repeat(200)}content-length: 2\r\n`, 'ok');
  }),
  row('header of 10 MB', 'HeadersTooLarge', (socket) => answer(socket, `x: ${'a'.repeat(10_000_000)}\r\n`)),
  row('header name without end', 'HeadersTooLarge', (socket) => {
    socket.write(OK);
    forever(socket, 'a'.repeat(10_000));
  }),
  row('headers without end', 'HeadersTooLarge', (socket) => {
    socket.write(OK);
    forever(socket, LINE);
  }),
  row('giant cookies', 'HeadersTooLarge', (socket) =>
    answer(socket, `set-cookie: a=${'b'.repeat(4000)}; path=/\r\n`.repeat(100)),
  ),
  row('length of 100 GB', 'BodyTooLarge', (socket) => answer(socket, 'content-length: 99999999999\r\n', 'begun')),
  row('length that the body does not reach', 'FetchFailed', (socket) => {
    answer(socket, 'content-length: 1000\r\n', 'short');
    socket.end();
  }),
  row('two lengths', 'FetchFailed', (socket) => answer(socket, 'content-length: 5\r\ncontent-length: 6\r\n', 'hello')),
  row('length below nothing', 'FetchFailed', (socket) => answer(socket, 'content-length: -1\r\n', 'hello')),
  row('length of no number', 'FetchFailed', (socket) => answer(socket, 'content-length: 0x5\r\n', 'hello')),
  row('length and chunks at once', 'FetchFailed', (socket) =>
    answer(socket, 'content-length: 5\r\ntransfer-encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'),
  ),
  row('redirect to itself', 'TooManyRedirects', (socket) => moved(socket, '/')),
  row('redirects without end', 'TooManyRedirects', (socket) => moved(socket, `/${Math.random()}`)),
  row('redirect to a private address', 'AddressRefused', (socket) => moved(socket, 'http://10.0.0.1/')),
  row('redirect to metadata', 'AddressRefused', (socket) => moved(socket, 'http://169.254.169.254/')),
  row('redirect to a file', 'UrlNotHttp', (socket) => moved(socket, 'file:///etc/passwd')),
  row('redirect with a body without end', 'AddressRefused', (socket) => {
    socket.write('HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ntransfer-encoding: chunked\r\n\r\n');
    forever(socket, CHUNK);
  }),
  row('type that nobody asked for', 'ContentTypeRefused', (socket) => {
    answer(socket, 'content-type: video/mp4\r\ncontent-length: 1000000\r\n', 'begun');
  }),
  row('type without end', 'ContentTypeRefused', (socket) =>
    answer(socket, `content-type: text/html${'x'.repeat(20_000)}\r\ncontent-length: 2\r\n`, 'ok'),
  ),
  row('interim answers without end', 'FetchFailed', (socket) =>
    forever(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'),
  ),
  row('continue without being asked', 'FetchFailed', (socket) => forever(socket, 'HTTP/1.1 100 Continue\r\n\r\n')),
  row('switching protocols', 'FetchFailed', (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  ),
  row('end before any byte', 'FetchFailed', (socket) => socket.end()),
  row('reset before any byte', 'FetchFailed', (socket) => socket.resetAndDestroy()),
  row('reset within headers', 'FetchFailed', (socket) => socket.write(`${OK}x: `, () => socket.resetAndDestroy())),
  row('reset within a body', 'FetchFailed', (socket) =>
    socket.write(`${OK}content-length: 1000\r\n\r\nbegun`, () => setTimeout(() => socket.resetAndDestroy(), 20)),
  ),
  row('HTTP/0.9', 'FetchFailed', (socket) => socket.end('<html>as in 1991</html>')),
  row('another protocol', 'FetchFailed', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')),
  row('status of letters', 'FetchFailed', (socket) => socket.end('HTTP/1.1 abc OK\r\n\r\n')),
  row('status of four digits', 'FetchFailed', (socket) => socket.end('HTTP/1.1 2000 OK\r\n\r\n')),
  row('HTTP/9.9', 'FetchFailed', (socket) => socket.end('HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\nok')),
  row('bytes of chance', 'FetchFailed', (socket) => forever(socket, Buffer.from([...Array(4096).keys()]))),
  row('nul within a header', 'FetchFailed', (socket) => answer(socket, 'x: a\0b\r\ncontent-length: 2\r\n', 'ok')),
  row('space before a colon', 'FetchFailed', (socket) => answer(socket, 'content-length : 2\r\n', 'ok')),
];

function moved(socket: Socket, location: string): void {
  socket.write(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
}
