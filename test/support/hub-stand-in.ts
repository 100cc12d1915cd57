import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A stand-in for the Hugging Face Hub, which no test can reach: the calls that its official library makes to upload, download and delete
 * files of dataset repositories, as that library's source shows them. It stores in memory; all repositories are public. Large files go by LFS as there, by "basic" transfer.
 */
export async function startHubStandIn(): Promise<{
  url: string;
  /** How many commits were made so far. */
  commits: () => number;
  close: () => Promise<void>;
}> {
  let commits = 0;
  const repos = new Map<string, Map<string, Buffer>>();
  const objects = new Map<string, Buffer>();
  const filesOf = (repo: string): Map<string, Buffer> => repos.get(repo) ?? repos.set(repo, new Map()).get(repo)!;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://hub').pathname);
    const body = await bodyOf(request);
    const json = (value: unknown): void =>
      void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    const [, preupload] = /^\/api\/datasets\/(.+)\/preupload\/main$/.exec(path) ?? [];
    const [, commit] = /^\/api\/datasets\/(.+)\/commit\/main$/.exec(path) ?? [];
    const [, resolved, file] = /^\/datasets\/([^/]+\/[^/]+)\/resolve\/main\/(.+)$/.exec(path) ?? [];
    if (request.headers.authorization === undefined && !path.startsWith('/lfs/') && resolved === undefined) {
      response.writeHead(401).end();
    } else if (preupload !== undefined) {
      const { files } = JSON.parse(body.toString()) as { files: { path: string; size: number }[] };
      json({
        files: files.map((each) => ({ path: each.path, uploadMode: each.size > 1_000_000 ? 'lfs' : 'regular' })),
      });
    } else if (path.endsWith('.git/info/lfs/objects/batch')) {
      const { objects: wanted } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
      const href = (oid: string): string => `http://${request.headers.host}/lfs/${oid}`;
      json({
        transfer: 'basic',
        objects: wanted.map((each) =>
          objects.has(each.oid) ? each : { ...each, actions: { upload: { href: href(each.oid), header: {} } } },
        ),
      });
    } else if (path.startsWith('/lfs/')) {
      const oid = path.slice(5);
      if (createHash('sha256').update(body).digest('hex') === oid) objects.set(oid, body);
      response.end();
    } else if (commit !== undefined) {
      commits += 1;
      for (const line of body.toString().split('\n').filter(Boolean)) apply(filesOf(commit), JSON.parse(line) as Line);
      json({ success: true, commitOid: '0'.repeat(40), commitUrl: 'http://hub/commit', hookOutput: '' });
    } else {
      serve(request, response, filesOf(resolved ?? '').get(file ?? ''));
    }
  }

  function apply(files: Map<string, Buffer>, { key, value }: Line): void {
    if (key === 'deletedFile') files.delete(value.path);
    if (key === 'file') files.set(value.path, Buffer.from(value.content ?? '', 'base64'));
    const stored = key === 'lfsFile' ? objects.get(value.oid ?? '') : undefined;
    if (stored !== undefined) files.set(value.path, stored);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    commits: () => commits,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

interface Line {
  key: string;
  value: { path: string; content?: string; oid?: string };
}

function serve(request: IncomingMessage, response: ServerResponse, bytes: Buffer | undefined): void {
  if (bytes === undefined) {
    response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    return;
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
  if (first === undefined || last === undefined) {
    response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes);
    return;
  }
  const part = bytes.subarray(Number(first), Number(last) + 1);
  const end = Math.min(Number(last), bytes.length - 1);
  response.writeHead(206, { etag, 'content-range': `bytes ${first}-${end}/${bytes.length}` }).end(part);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
