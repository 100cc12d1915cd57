import { expect, it } from 'vitest';
import { startMetricsServer } from '../../src/net/metrics-server.ts';

it('says which setting to change where its port is taken', async () => {
  const text = { contentType: 'text/plain', read: () => Promise.resolve('a 1') };
  const server = await startMetricsServer(text, { host: '127.0.0.1', port: 0 });
  expect(await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text()).toBe('a 1');
  const second = startMetricsServer(text, { host: '127.0.0.1', port: server.port });
  await expect(second).rejects.toMatchObject({
    name: 'PortTaken',
    message: expect.stringContaining('metrics.port') as string,
  });
  await server.close();
});
