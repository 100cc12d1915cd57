import { join } from 'node:path';
import { WebSocket } from 'ws';
import { childEnvironment, type Environment } from './environment.ts';
import { PartUnreachableError } from './errors.ts';
import { cloneRoot } from './parts.ts';
import type { LocalPart } from './processes.ts';

/** How the development chain runs. */
export interface ChainSettings {
  /** A block on each transaction, or one every so many milliseconds. */
  readonly blocks: 'instant' | { readonly intervalMs: number };
  /** JSON file of genesis options; see chain/genesis.ts. The chain's own default where it is absent. */
  readonly genesisFile?: string;
}

const answerLimitMs = 10_000;

/** The user's own node, from SUBTENSOR_ENDPOINT. */
export function externalChain(env: Environment): string | undefined {
  const endpoint = env['SUBTENSOR_ENDPOINT'];
  return endpoint === undefined || endpoint === '' ? undefined : endpoint;
}

/** Throws `PartUnreachableError` unless a node answers there. */
export async function checkChain(endpoint: string): Promise<void> {
  try {
    await askForHeader(endpoint);
  } catch (error) {
    throw new PartUnreachableError('The chain', 'SUBTENSOR_ENDPOINT', endpoint, error);
  }
}

/** The development chain of `chain/`, as a process. */
export function localChain(dir: string, chain: ChainSettings, env: Environment): LocalPart {
  const data = join(dir, 'chain');
  const blocks = chain.blocks === 'instant' ? 'instant' : String(chain.blocks.intervalMs);
  const genesis = chain.genesisFile === undefined ? [] : ['--genesis', chain.genesisFile];
  return {
    name: 'chain',
    preferredPorts: [9944],
    timeoutMs: 120_000,
    command: ([port]) => ({
      executable: process.execPath,
      args: [
        ...['--import', 'tsx', join(cloneRoot, 'chain', 'main.ts')],
        ...['--dir', data, '--port', String(port), '--blocks', blocks, ...genesis],
      ],
      cwd: cloneRoot,
      env: childEnvironment(env),
    }),
    probe: async ([port]) => askForHeader(chainEndpoint(port)),
  };
}

export function chainEndpoint(port: number | undefined): string {
  return `ws://127.0.0.1:${port}`;
}

/** Resolves when a node answers `chain_getHeader` over WebSocket. */
function askForHeader(endpoint: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(endpoint, { handshakeTimeout: answerLimitMs });
    const limit = setTimeout(() => socket.emit('error', new Error('no answer to chain_getHeader')), answerLimitMs);
    const settle = (error?: Error): void => {
      clearTimeout(limit);
      socket.terminate();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on('error', settle);
    socket.once('open', () =>
      socket.send(JSON.stringify({ id: 1, jsonrpc: '2.0', method: 'chain_getHeader', params: [] })),
    );
    socket.once('message', (data) => {
      const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
      settle(/"result"\s*:\s*\{/.test(text) ? undefined : new Error(`unexpected answer ${text.slice(0, 200)}`));
    });
  });
}
