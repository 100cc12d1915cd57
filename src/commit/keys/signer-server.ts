import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Signer } from '../../core/chain.ts';
import { messageOf } from '../../core/errors.ts';
import { WalletError } from './errors.ts';

export interface SignerServerOptions {
  signer: Signer;
  /** A Unix socket, or a port of 127.0.0.1 (0: a free one), where every user of the machine may have signatures. */
  listen: { socketPath: string; groupMaySign: boolean } | { port: number };
  /** One line for every signature: its length, nothing of what is signed. */
  log: (line: string) => void;
}

export interface SignerServer {
  /** For `wallet.signer_url`. */
  url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 65_536;
const signBody = z.object({ payload: z.string().regex(/^0x(?:[0-9a-f]{2})+$/) });

/** Serves signatures of one key (see external-signer.ts). Throws WalletError when it can't listen there. */
export async function startSignerServer(options: SignerServerOptions): Promise<SignerServer> {
  const { signer, listen, log } = options;
  const server = createServer((incoming, answer) => {
    void serve(signer, incoming, log)
      .catch((error: unknown): Answer => ({ status: 500, body: { error: messageOf(error) } }))
      .then(({ status, body }) => reply(answer, status, body));
  });
  server.requestTimeout = 10_000;
  const url = 'port' in listen ? await listenOnPort(server, listen.port) : await listenOnSocket(server, listen);
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  status: number;
  body: object;
}

async function serve(signer: Signer, incoming: IncomingMessage, log: (line: string) => void): Promise<Answer> {
  const { method, url, headers } = incoming;
  // A web page in a browser of this machine can reach loopback too, under its own name.
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  if (headers.origin !== undefined || !['localhost', '127.0.0.1', '[::1]'].includes(host)) {
    return { status: 403, body: { error: 'for processes of this machine only' } };
  }
  if (method === 'GET' && url === '/address') return { status: 200, body: { address: signer.address } };
  if (method !== 'POST' || url !== '/sign') return { status: 404, body: { error: 'GET /address or POST /sign' } };
  const body = await bodyOf(incoming);
  if (body === null) return { status: 413, body: { error: `at most ${MAX_BODY_BYTES} bytes` } };
  const asked = signBody.safeParse(parseJson(body));
  if (!asked.success) return { status: 400, body: { error: 'send {"payload": "0x<hex>"}' } };
  const payload = Buffer.from(asked.data.payload.slice(2), 'hex');
  const signature = await signer.sign(payload);
  log(`signed ${payload.length} bytes`);
  return { status: 200, body: { signature: `0x${Buffer.from(signature).toString('hex')}` } };
}

async function bodyOf(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  answer.end(`${JSON.stringify(body)}\n`);
}

async function listenOnPort(server: Server, port: number): Promise<string> {
  await listening(server, `127.0.0.1:${port}`, () => server.listen(port, '127.0.0.1'));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function listenOnSocket(
  server: Server,
  { socketPath, groupMaySign }: { socketPath: string; groupMaySign: boolean },
): Promise<string> {
  // A signer that was killed leaves its socket behind, where nobody listens any more.
  if (!(await answers(socketPath))) await rm(socketPath, { force: true });
  await listening(server, socketPath, () => {
    const before = process.umask(groupMaySign ? 0o117 : 0o177);
    try {
      server.listen(socketPath);
    } finally {
      process.umask(before);
    }
  });
  return `unix:${socketPath}`;
}

function listening(server: Server, where: string, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => reject(new WalletError(where, `the signer can't listen there: ${error.message}`)));
    start();
  });
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
