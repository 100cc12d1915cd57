import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { PLACEHOLDER_ORIGIN } from './generated-sites.ts';

export interface SiteServer {
  origin: string;
  host: string;
  /** Paths of all HTML pages, `index.html` as its folder. */
  pages: string[];
  /** Path and status of every request, in order. */
  requests: { path: string; status: number }[];
  close(): void;
}

/** Serves a folder on loopback as a usual web server does: types, ETag and Last-Modified with their conditions, gzip, redirects to folders. */
export async function serveSite(folder: string): Promise<SiteServer> {
  const files = new Map<string, { body: Buffer; packed: Buffer; type: string; etag: string; modified: string }>();
  const requests: SiteServer['requests'] = [];
  const server = createServer((request, response) => {
    const path = decodeURI((request.url ?? '/').split('?', 1)[0] ?? '/');
    const end = (status: number, headers: Record<string, string> = {}, body?: Buffer): void => {
      requests.push({ path, status });
      response.writeHead(status, headers).end(body);
    };
    const file = files.get(path);
    if (file === undefined && files.has(`${path}/`)) return end(301, { location: `${path}/` });
    if (file === undefined) return end(404, { 'content-type': 'text/html' }, files.get('/404.html')?.body);
    const headers = {
      'content-type': file.type,
      etag: file.etag,
      'last-modified': file.modified,
      vary: 'accept-encoding',
    };
    const { 'if-none-match': match, 'if-modified-since': since } = request.headers;
    if (match === undefined ? since === file.modified : match === file.etag) return end(304, headers);
    const isPacked = file.type.startsWith('text/') && /\bgzip\b/.test(String(request.headers['accept-encoding']));
    end(200, isPacked ? { ...headers, 'content-encoding': 'gzip' } : headers, isPacked ? file.packed : file.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const origin = `http://${host}`;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    const stat = statSync(file);
    if (!stat.isFile()) continue;
    const body = atOrigin(readFileSync(file), extname(name), origin);
    files.set(`/${name.replace(/(^|\/)index\.html$/, '$1')}`, {
      body,
      packed: gzipSync(body),
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      etag: `"${sha256Hex(body).slice(0, 16)}"`,
      modified: stat.mtime.toUTCString(),
    });
  }
  const pages = [...files].filter(([, { type }]) => type.startsWith('text/html')).map(([path]) => path);
  return {
    origin,
    host,
    pages,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function atOrigin(body: Buffer, extension: string, origin: string): Buffer {
  const replaced = (text: Buffer) => Buffer.from(text.toString('utf8').replaceAll(PLACEHOLDER_ORIGIN, origin));
  if (extension === '.gz') return gzipSync(replaced(gunzipSync(body)));
  return ['.html', '.xml', '.txt'].includes(extension) ? replaced(body) : body;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.xml': 'application/xml',
  '.gz': 'application/gzip',
  '.txt': 'text/plain; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
};
