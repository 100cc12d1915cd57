import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../src/core/search-attributes.ts';
import { childEnvironment, type Environment } from './environment.ts';
import { PartUnreachableError } from './errors.ts';
import { needPart } from './parts.ts';
import type { LocalPart } from './processes.ts';

/** Names of attribute types as Seine writes them and as the Temporal command line does. */
const typeNames = { KEYWORD: 'Keyword', INT: 'Int' } as const;

const connectTimeoutMs = 5_000;

/** The user's own server: TEMPORAL_ADDRESS, with TEMPORAL_NAMESPACE, TEMPORAL_TLS=true and TEMPORAL_API_KEY (which implies TLS). */
export interface ExternalTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly tls: boolean;
  readonly apiKey?: string;
}

export function externalTemporal(env: Environment): ExternalTemporal | undefined {
  const address = env['TEMPORAL_ADDRESS'];
  if (address === undefined || address === '') return undefined;
  const apiKey = env['TEMPORAL_API_KEY'];
  const hasKey = apiKey !== undefined && apiKey !== '';
  const tls = hasKey || ['1', 'true'].includes(env['TEMPORAL_TLS'] ?? '');
  return { address, namespace: env['TEMPORAL_NAMESPACE'] ?? 'default', tls, ...(hasKey && { apiKey }) };
}

/** Throws `PartUnreachableError` unless the server answers and knows the namespace. */
export async function checkTemporal(server: ExternalTemporal): Promise<void> {
  try {
    await describeNamespace(server);
  } catch (error) {
    throw new PartUnreachableError('Temporal', 'TEMPORAL_ADDRESS', `${server.address} (${server.namespace})`, error);
  }
}

/** The development server with its database in a file, its web UI and our search attributes. Ports: front end, UI. */
export function localTemporal(dir: string, env: Environment): LocalPart {
  const { executable } = needPart('temporal');
  const data = join(dir, 'temporal');
  return {
    name: 'temporal',
    preferredPorts: [7233, 8233],
    timeoutMs: 60_000,
    command: ([port, uiPort]) => ({
      executable,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
        ...['--db-filename', join(data, 'temporal.db'), '--log-level', 'warn'],
        ...Object.values(SEARCH_ATTRIBUTES).flatMap(({ name, type }) => [
          '--search-attribute',
          `${name}=${typeNames[type]}`,
        ]),
      ],
      cwd: data,
      // The command line keeps a configuration in the home folder, which could name another server.
      env: { ...childEnvironment(env), HOME: data },
    }),
    probe: async ([port]) => describeNamespace({ address: temporalAddress(port), namespace: 'default', tls: false }),
  };
}

export function temporalAddress(port: number | undefined): string {
  return `127.0.0.1:${port}`;
}

/** Rejects while the server does not serve the namespace (the development server makes it after it has begun to listen). */
async function describeNamespace(server: ExternalTemporal): Promise<void> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({
    address: server.address,
    connectTimeout: connectTimeoutMs,
    ...(server.tls && { tls: true }),
    ...(server.apiKey !== undefined && { apiKey: server.apiKey }),
  });
  try {
    const deadline = Date.now() + connectTimeoutMs;
    await connection.withDeadline(deadline, () =>
      connection.workflowService.describeNamespace({ namespace: server.namespace }),
    );
  } finally {
    await connection.close();
  }
}
