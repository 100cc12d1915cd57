import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** A man in the middle between a client and a chain. */
export interface ChainProxy {
  endpoint: string;
  /** Resolves when the chain has answered the next submission; the client never gets that answer, nor anything after it. */
  swallowSubmission(): Promise<void>;
  /** Cuts all connections; clients may come again. */
  cut(): void;
  /** Submissions that were passed on. */
  readonly submissions: number;
  close(): Promise<void>;
}

export async function startChainProxy(chain: string): Promise<ChainProxy> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  let swallow: (() => void) | undefined;
  let submissions = 0;
  server.on('connection', (client) => {
    const upstream = new WebSocket(chain);
    const waiting: string[] = [];
    let awaited: unknown;
    let silent = false;
    upstream.on('open', () => waiting.splice(0).forEach((text) => upstream.send(text)));
    upstream.on('message', (data: Buffer) => {
      const text = data.toString();
      const settled = swallow;
      if (awaited !== undefined && settled !== undefined && (JSON.parse(text) as { id: unknown }).id === awaited) {
        silent = true;
        swallow = undefined;
        settled();
      }
      if (!silent) client.send(text);
    });
    client.on('message', (data: Buffer) => {
      const text = data.toString();
      const { id, method } = JSON.parse(text) as { id: unknown; method: string };
      if (method === 'author_submitExtrinsic') {
        submissions += 1;
        if (swallow !== undefined) awaited = id;
      }
      if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
      else waiting.push(text);
    });
    client.on('close', () => upstream.terminate());
    upstream.on('close', () => client.terminate());
    upstream.on('error', () => client.terminate());
  });
  const cut = (): void => server.clients.forEach((client) => client.terminate());
  return {
    endpoint: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallowSubmission: () => new Promise((resolve) => (swallow = resolve)),
    cut,
    get submissions() {
      return submissions;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
