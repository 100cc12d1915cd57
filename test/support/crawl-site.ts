import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site of so many pages, each with a text of its own, all reached from the first one; every request of a page is counted. */
export interface CrawlSite {
  host: string;
  url: string;
  /** Requests by path. */
  hits: Map<string, number>;
  close(): Promise<void>;
}

export async function startCrawlSite(pages: number): Promise<CrawlSite> {
  const hits = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const page = /^\/p\/(\d+)$/.exec(path)?.[1];
    if (page === undefined || Number(page) >= pages) {
      response.writeHead(404).end();
      return;
    }
    hits.set(path, (hits.get(path) ?? 0) + 1);
    response.writeHead(200, { 'content-type': 'text/html' }).end(html(Number(page), pages));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ host, hits, url: `http://${host}/p/0` },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Links of a tree, and some across it, so that most links are known already, as on any site. */
function html(page: number, pages: number): string {
  const near = [1, 2, 3, 4].map((child) => page * 4 + child);
  const across = [7, 31, 211].map((step) => (page * step + step) % pages);
  const links = [...near.filter((child) => child < pages), ...across].map((to) => `<a href="/p/${to}">page ${to}</a>`);
  const text =
    `Page ${page} says what only page ${page} says, in words enough to be read as the text of a page. `.repeat(4);
  return `<!doctype html><title>Page ${page}</title><main><h1>Page ${page}</h1><p>${text}</p></main><nav>${links.join(' ')}</nav>`;
}
