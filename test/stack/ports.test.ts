import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listensOn } from '../../stack/port-owner.ts';
import { freePort, freePorts } from '../../stack/ports.ts';

const servers: Server[] = [];

function listen(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    servers.push(server);
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('freePort', () => {
  it('takes the preferred port when it is free', async () => {
    const port = await freePort(0);
    expect(port).toBeGreaterThan(0);
    expect(await freePort(port)).toBe(port);
  });

  it('takes another when someone listens there, on loopback or on all addresses', async () => {
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const taken = await listen(host);
      expect(await freePort(taken)).not.toBe(taken);
    }
  });

  it('leaves out ports that were chosen already', async () => {
    const port = await freePort(0);
    expect(await freePort(port, new Set([port]))).not.toBe(port);
    expect(new Set(await freePorts([port, port, port])).size).toBe(3);
  });
});

describe.runIf(process.platform === 'linux')('listensOn', () => {
  it('tells our server from one of another process', async () => {
    const port = await listen('127.0.0.1');
    expect(listensOn([process.pid], port)).toBe(true);
    expect(listensOn([process.ppid], port)).toBe(false);
    expect(listensOn([process.pid], await freePort(0))).toBe(false);
  });
});
