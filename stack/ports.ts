import { createServer } from 'node:net';

/** A port of 127.0.0.1 that nothing listens on at the moment: the preferred one where it is free, else any. 0 prefers none. */
export async function freePort(preferred: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let wanted = preferred; ; wanted = 0) {
    const port = await tryPort(wanted);
    if (port !== undefined && !taken.has(port)) return port;
  }
}

/** Free ports, all different, in the order of the preferred ones. */
export async function freePorts(preferred: readonly number[]): Promise<number[]> {
  const chosen = new Set<number>();
  for (const port of preferred) chosen.add(await freePort(port, chosen));
  return [...chosen];
}

/** Binds the port for a moment; undefined when someone else has it. */
async function tryPort(port: number): Promise<number | undefined> {
  // A server that listens on all addresses leaves 127.0.0.1 bindable on some systems: try both.
  const loopback = await bindOnce(port, '127.0.0.1');
  if (loopback === undefined || port === 0) return loopback;
  return bindOnce(port, '0.0.0.0');
}

function bindOnce(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
