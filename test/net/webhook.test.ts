import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWebhook } from '../../src/net/webhook.ts';

let server: Server;
let received: { method: string; url: string; type: string; body: unknown }[];
let status: number;

beforeEach(async () => {
  received = [];
  status = 200;
  server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      received.push({
        method,
        url,
        type: headers['content-type'] ?? '',
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      answer.writeHead(status, { location: '/elsewhere' }).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/TOKEN`;

describe('a webhook', () => {
  it('gets JSON with the text where Slack, Discord and others look for it', async () => {
    await createWebhook(url(), 'seine/test')({ text: 'trouble: a\nover: b', appeared: ['a'] });
    expect(received).toEqual([
      {
        method: 'POST',
        url: '/services/TOKEN',
        type: 'application/json',
        body: { text: 'trouble: a\nover: b', content: 'trouble: a\nover: b', appeared: ['a'] },
      },
    ]);
  });

  it('keeps to what Discord takes', async () => {
    await createWebhook(url(), 'seine/test')({ text: 'x'.repeat(5000) });
    expect(received[0]?.body).toMatchObject({ content: 'x'.repeat(2000) });
  });

  it.each([500, 404, 302])('fails on status %i, follows no redirect, and never tells its URL', async (wrong) => {
    status = wrong;
    const error: unknown = await createWebhook(url(), 'seine/test')({ text: 'a' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'WebhookFailed', remedy: 'retry' });
    expect(inspect(error, { depth: 9 })).not.toContain('TOKEN');
    expect(received.map((item) => item.url)).toEqual(['/services/TOKEN']);
  });

  it('fails where nobody listens, and never tells its URL', async () => {
    const error: unknown = await createWebhook(
      'http://127.0.0.1:1/TOKEN',
      'seine/test',
    )({ text: 'a' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'WebhookFailed' });
    expect(inspect(error, { depth: 9 })).not.toContain('TOKEN');
  });

  it('refuses what is no http(s) URL', () => {
    expect(() => createWebhook('ftp://example.org/TOKEN', 'seine/test')).toThrow(/not an http or https URL/);
  });
});
