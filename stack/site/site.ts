import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SeineError, messageOf } from '../../src/core/errors.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { chooseAgeing } from './ageing.ts';
import type { Ageing, AgeingRates } from './ageing.ts';
import { collectDocuments } from './collect.ts';
import { createContent } from './content.ts';
import type { Answer } from './content.ts';

export interface SiteOptions {
  /** The node_modules folder whose documentation is served. */
  root: string;
  /** On 127.0.0.1; 0 takes a free one. */
  port: number;
  /** @default 600 */
  maxPages?: number;
  log: (line: string) => void;
  /** Pages that show their text only after JavaScript ran. @default 6 */
  scriptedPages?: number;
  /** How long slowed pages take. @default 20000 */
  slowMs?: number;
  /** How much one ageing changes. @default 1.5 % edited, 1 % deleted, .5 % slowed */
  rates?: AgeingRates;
  /** @default Date.now */
  now?: () => number;
}

/** A running site of documentation. */
export interface Site {
  /** Origin, without a slash at the end. */
  url: string;
  /** Number of documents, one page each. */
  pages: number;
  /** `host:port`, as a wanted job names it. */
  hosts: string[];
  /** URLs of the pages that show their text only after JavaScript ran. */
  scripted: string[];
  /** Edits, deletes and slows pages, drawn by the seed; again with another seed ages it further. The lists are URLs. */
  age: (seed: string) => Promise<Ageing>;
  close: () => Promise<void>;
}

// What the documents bring along can do nothing in a browser: only the site's own script runs.
const POLICY = "default-src 'none'; img-src * data:; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'";

const RATES: AgeingRates = { edited: 1.5, deleted: 1, slowed: 0.5 };

/** Starts the site. Throws SeineError `PortTaken`, or `NoDocuments` where the folder holds none. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { root, log, maxPages = 600, scriptedPages = 6, slowMs = 20_000, rates = RATES, now = Date.now } = options;
  const documents = collectDocuments(root, maxPages);
  if (documents.length === 0) {
    throw new SeineError('NoDocuments', `no documentation in ${root}; install the dependencies first`, {
      details: { root },
    });
  }
  const slowed = new Set<string>();
  const waiting = new Set<NodeJS.Timeout>();

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log(`site: ${request.url ?? ''}: ${messageOf(error)}`);
      response.destroy();
    });
  });
  const port = await listen(server, options.port);
  const url = `http://127.0.0.1:${port}`;
  const content = createContent({ documents, url, startedMs: now(), scriptedPages });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end();
      return;
    }
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    if (slowed.has(path)) await pause(slowMs, waiting);
    send(response, request.headers['if-none-match'], await content.answer(path));
  }

  return {
    url,
    pages: documents.length,
    hosts: [`127.0.0.1:${port}`],
    scripted: content.scripted.map((path) => url + path),
    age: (seed) => {
      const ageing = chooseAgeing(content.livePaths(), seed, rates);
      content.age(ageing, now());
      for (const path of ageing.slowed) slowed.add(path);
      const absolute = (paths: string[]) => paths.map((path) => url + path);
      return Promise.resolve({
        edited: absolute(ageing.edited),
        deleted: absolute(ageing.deleted),
        slowed: absolute(ageing.slowed),
      });
    },
    close: () =>
      new Promise((resolve) => {
        for (const timer of waiting) clearTimeout(timer);
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function send(
  response: ServerResponse,
  ifNoneMatch: string | undefined,
  { status, type, body, modifiedMs }: Answer,
): void {
  const bytes = Buffer.from(body);
  const headers: Record<string, string | number> = {
    'content-type': type,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
  };
  if (modifiedMs !== undefined) {
    const etag = `"${sha256Hex(bytes).slice(0, 32)}"`;
    headers.etag = etag;
    headers['last-modified'] = new Date(modifiedMs).toUTCString();
    if (ifNoneMatch === etag) {
      response.writeHead(304, headers).end();
      return;
    }
  }
  headers['content-length'] = bytes.length;
  response.writeHead(status, headers).end(bytes);
}

function pause(ms: number, waiting: Set<NodeJS.Timeout>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      resolve();
    }, ms);
    waiting.add(timer);
  });
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot serve the local site on 127.0.0.1:${port} (${messageOf(cause)}); choose another port or 0`;
      reject(new SeineError('PortTaken', message, { details: { port }, cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
