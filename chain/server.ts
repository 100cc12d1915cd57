import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { messageOf, SeineError } from '../src/core/errors.ts';
import { Archive } from './archive.ts';
import { developmentBeacon } from './beacon.ts';
import { BlockProducer, type BlockMode } from './block-producer.ts';
import { chainControls, type ChainControls } from './controls.ts';
import { Executor, stopExecutor } from './executor.ts';
import { buildGenesis, type GenesisOptions } from './genesis.ts';
import { blockInherents } from './inherents.ts';
import type { RpcContext, RpcMethod } from './rpc-method.ts';
import { rpcMethods } from './rpc-methods.ts';
import { RpcError, RpcSession } from './rpc-session.ts';

export interface ChainOptions {
  /** Folder that keeps the chain. A chain that is there goes on. */
  dir: string;
  /** Port on 127.0.0.1; 0 takes a free one. */
  port: number;
  blocks: BlockMode;
  /** What the chain begins with; must be the same whenever a folder is used again. */
  genesis: GenesisOptions;
  /** File of the runtime that a new chain begins with, as wasm or compressed as Substrate compresses it. @default runtime.wasm */
  runtime?: string;
  /** How many final blocks keep their state, as in a node that prunes; headers, bodies and hashes stay. @default all, as in an archive node */
  stateBlocks?: number;
  /** Second port on 127.0.0.1 where the same chain answers as an archive node; 0 takes a free one. @default none */
  archivePort?: number;
  log: (line: string) => void;
}

export interface Chain extends ChainControls {
  /** Such as `ws://127.0.0.1:9944`. */
  endpoint: string;
  /** Of the archive port, where there is one. */
  archiveEndpoint: string | undefined;
  /** BLAKE2-256 of block 0's header, in hex. */
  genesisHash: string;
  /** Closes the connections and the archive. A block under way is finished. */
  close(): Promise<void>;
}

/** Largest message that a client may send. A transaction is a few hundred bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A client that leaves this much unread is cut off. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** Starts the development chain, or resumes it where its folder holds one. One chain a process: the executor is shared. */
export async function startChain(options: ChainOptions): Promise<Chain> {
  await rememberGenesis(options.dir, options.genesis);
  const archive = await Archive.open(options.dir, () => buildGenesis(options.genesis, options.runtime));
  const inherents = blockInherents(developmentBeacon(options.genesis.beacon));
  const executor = new Executor(archive, inherents);
  const producer = new BlockProducer(archive, executor, options.blocks, options.log);
  const servers: WebSocketServer[] = [];
  const dropConnections = (): void => {
    for (const server of servers) for (const client of server.clients) client.terminate();
  };
  const controls = chainControls(producer, inherents, dropConnections);
  const close = async (): Promise<void> => {
    await producer.close();
    dropConnections();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    await archive.close();
    await stopExecutor();
  };
  const serveOn = async (port: number, stateBlocks: number | undefined): Promise<string> => {
    const server = await listen(port, { archive, executor, producer, controls, stateBlocks }, options.log);
    servers.push(server);
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  try {
    const endpoint = await serveOn(options.port, options.stateBlocks);
    const archiveEndpoint =
      options.archivePort === undefined ? undefined : await serveOn(options.archivePort, undefined);
    if (archive.head.number === 0) await producer.build();
    producer.start();
    options.log(`chain at block ${archive.head.number}, ${endpoint}`);
    return { endpoint, archiveEndpoint, genesisHash: archive.byNumber(0)?.hash ?? '', ...controls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A folder whose chain began with other options. */
export class ChainGenesisChangedError extends SeineError {
  constructor(dir: string) {
    const message = `${dir} holds a chain that began with another genesis. Use another folder, or remove this one to begin anew.`;
    super('ChainGenesisChanged', message, { details: { dir }, exitCode: 2 });
  }
}

/** The port is somebody else's. */
export class ChainPortTakenError extends SeineError {
  constructor(port: number, cause: unknown) {
    const message = `Port ${port} is taken. Choose another, or 0 for a free one.`;
    super('ChainPortTaken', message, { details: { port }, cause });
  }
}

async function rememberGenesis(dir: string, genesis: GenesisOptions): Promise<void> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'genesis.json');
  const text = JSON.stringify(genesis);
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined && known !== text) throw new ChainGenesisChangedError(dir);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

async function listen(port: number, context: RpcContext, log: (line: string) => void): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port, maxPayload: MAX_MESSAGE_BYTES });
  const methods = rpcMethods(context);
  server.on('connection', (socket) => serve(socket, methods, log));
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new ChainPortTakenError(port, error) : error);
    });
  });
  return server;
}

function serve(socket: WebSocket, methods: Record<string, RpcMethod>, log: (line: string) => void): void {
  const send = (message: unknown): void => {
    if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const session = new RpcSession(send);
  socket.on('close', () => session.close());
  socket.on('error', (error) => log(`connection: ${error.message}`));
  socket.on('message', (data: Buffer) => {
    void answerAll(data.toString('utf8'), methods, session).then(send);
  });
}

/** Answers a request or a batch of them. Never rejects. */
async function answerAll(text: string, methods: Record<string, RpcMethod>, session: RpcSession): Promise<unknown> {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    return { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } };
  }
  if (!Array.isArray(request)) return answer(request, methods, session);
  return Promise.all(request.map((one) => answer(one, methods, session)));
}

async function answer(request: unknown, methods: Record<string, RpcMethod>, session: RpcSession): Promise<object> {
  const { id = null, method, params } = (request ?? {}) as { id?: unknown; method?: unknown; params?: unknown };
  try {
    const call = typeof method === 'string' && Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (call === undefined) throw new RpcError(-32601, `Method not found: ${String(method)}`);
    return { jsonrpc: '2.0', id, result: (await call(Array.isArray(params) ? params : [], session)) ?? null };
  } catch (error) {
    const { code, data } = error instanceof RpcError ? error : { code: -32603, data: undefined };
    return { jsonrpc: '2.0', id, error: { code, message: messageOf(error), ...(data !== undefined && { data }) } };
  }
}
