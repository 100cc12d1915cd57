import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** Where the sockets are cut: before a request reaches the node, or after, before its answer reaches the client. */
export type CutSide = 'before' | 'after';

/** A man in the middle who cuts all connections at a chosen request, counted over all of them. */
export interface CuttingProxy {
  endpoint: string;
  /** Cuts at the `request`th request from now on, 1 being the next. Resolves when it has, with the request's method. */
  cutAt(request: number, side: CutSide): Promise<string>;
  /** No cut is due any more. Gives whether one was. */
  disarm(): boolean;
  cut(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(chain: string): Promise<CuttingProxy> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  let due: { left: number; side: CutSide; done: (method: string) => void } | null = null;
  const cut = (): void => server.clients.forEach((client) => client.terminate());

  server.on('connection', (client) => {
    const upstream = new WebSocket(chain);
    const opened = once(upstream, 'open');
    opened.catch(() => undefined);
    client.on('message', (data: Buffer) => {
      const text = data.toString();
      if (due === null || (due.left -= 1) > 0)
        return void opened.then(() => upstream.send(text)).catch(() => undefined);
      const { side, done } = due;
      due = null;
      const { method } = JSON.parse(text) as { method: string };
      const finish = (): void => {
        cut();
        done(method);
      };
      if (side === 'before') return finish();
      upstream.removeAllListeners('message');
      upstream.once('message', finish);
      void opened.then(() => upstream.send(text)).catch(finish);
    });
    upstream.on('message', (data: Buffer) => client.send(data.toString()));
    client.on('close', () => upstream.terminate());
    upstream.on('close', () => client.terminate());
    upstream.on('error', () => client.terminate());
  });

  return {
    endpoint: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAt: (request, side) => new Promise((done) => (due = { left: request, side, done })),
    disarm() {
      const was = due !== null;
      due = null;
      return was;
    },
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
