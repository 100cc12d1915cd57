import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AskedMiner } from '../../src/inference/client/task-client.ts';
import { sseText } from '../../src/inference/wire/sse.ts';
import { DONE } from '../../src/inference/wire/streamed-answer.ts';
import type { SeenRequest } from './classifier/seen-request.ts';

const ANSWER = {
  ...{ id: '1', object: 'chat.completion.chunk', model: 'some/model' },
  choices: [{ index: 0, delta: { content: 'Yes.' }, finish_reason: 'stop' }],
};

export interface WireRecorder {
  miner: AskedMiner;
  /** In the order of arrival; of which kind a request is isn't seen. */
  seen: Omit<SeenRequest, 'synthetic'>[];
  close: () => Promise<void>;
}

/** A miner that writes down how each request looked and when it came, and answers all alike. */
export async function startWireRecorder(hotkey: string): Promise<WireRecorder> {
  const seen: WireRecorder['seen'] = [];
  const server = createServer((request, response) => {
    const arrivedMs = performance.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ arrivedMs, rawHeaders: request.rawHeaders, body: Buffer.concat(chunks).toString() });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(sseText(JSON.stringify(ANSWER)) + sseText(DONE));
    });
  });
  // A busy machine must not close a connection that is about to be used.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    miner: { hotkey, base },
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
