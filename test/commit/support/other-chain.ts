import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { cloneRoot } from '../../../stack/parts.ts';

/** A development chain in a process of its own, of which this one holds none or another. */
export interface OtherChain {
  endpoint: string;
  newBlocks(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts the chain of the default genesis, with another runtime where a file is named. Its genesis hash depends on nothing else. */
export async function startOtherChain(options: { dir: string; runtime?: string }): Promise<OtherChain> {
  await mkdir(options.dir, { recursive: true });
  const runtime = options.runtime === undefined ? [] : ['--runtime', options.runtime];
  const args = [
    '--import',
    'tsx',
    'chain/main.ts',
    '--dir',
    options.dir,
    '--port',
    '0',
    '--blocks',
    'instant',
    ...runtime,
  ];
  const child = spawn(process.execPath, args, { cwd: cloneRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  const close = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('{')) continue;
    const { endpoint } = JSON.parse(line) as { endpoint: string };
    return { endpoint, newBlocks: (count) => newBlocks(endpoint, count), close };
  }
  throw new Error('the chain ended before it was ready');
}

async function newBlocks(endpoint: string, count: number): Promise<void> {
  const socket = new WebSocket(endpoint);
  try {
    await once(socket, 'open');
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'dev_newBlock', params: [{ count }] }));
    await once(socket, 'message');
  } finally {
    socket.terminate();
  }
}
