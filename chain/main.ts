import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { InvalidInputError, messageOf, SeineError } from '../src/core/errors.ts';
import type { BlockMode } from './block-producer.ts';
import { defaultGenesis } from './default-genesis.ts';
import type { GenesisOptions } from './genesis.ts';
import { startChain } from './server.ts';

const USAGE =
  'node --import tsx chain/main.ts --dir DIR [--port PORT] [--blocks instant|MILLISECONDS] [--genesis FILE] ' +
  '[--runtime FILE] [--state-blocks COUNT] [--archive-port PORT]';

/** The development chain as a process: prints `{"endpoint": …}` on a line of its own when ready, logs on stderr. */
async function main(): Promise<void> {
  const args = parseArgs({
    options: {
      dir: { type: 'string' },
      port: { type: 'string', default: '0' },
      blocks: { type: 'string', default: 'instant' },
      genesis: { type: 'string' },
      runtime: { type: 'string' },
      'state-blocks': { type: 'string' },
      'archive-port': { type: 'string' },
    },
  }).values;
  const { dir, port, blocks, genesis, runtime } = args;
  if (dir === undefined) throw new InvalidInputError(`--dir is missing: ${USAGE}`);
  const chain = await startChain({
    dir,
    port: Number(port),
    blocks: parseBlocks(blocks),
    genesis: genesis === undefined ? defaultGenesis() : await readGenesis(genesis),
    ...(runtime !== undefined && { runtime }),
    ...(args['state-blocks'] !== undefined && { stateBlocks: Number(args['state-blocks']) }),
    ...(args['archive-port'] !== undefined && { archivePort: Number(args['archive-port']) }),
    log: (line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`),
  });
  const { endpoint, archiveEndpoint, genesisHash } = chain;
  console.log(JSON.stringify({ endpoint, archiveEndpoint, genesisHash }));

  const stop = (): void => {
    chain.close().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function parseBlocks(text: string): BlockMode {
  if (text === 'instant') return { mode: 'instant' };
  const intervalMs = Number(text);
  if (Number.isInteger(intervalMs) && intervalMs > 0) return { mode: 'timed', intervalMs };
  throw new InvalidInputError(`--blocks ${text}: "instant" or a whole number of milliseconds is expected`);
}

async function readGenesis(path: string): Promise<GenesisOptions> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as GenesisOptions;
  } catch (error) {
    throw new InvalidInputError(`--genesis ${path} can't be read: ${messageOf(error)}`, { path });
  }
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(error instanceof SeineError ? error.exitCode : 1);
}

main().catch(fail);
