import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  isGrpcServiceError,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { SeineError } from '../src/core/errors.ts';

/** Where the Temporal server is, and how to be let in. */
export interface TemporalAccess {
  /** `host:port` */
  address: string;
  namespace: string;
  tls: boolean;
  apiKey: string | null;
}

/** A client for commands: starts, finds and asks workflows. */
export async function connectClient(access: TemporalAccess): Promise<Client> {
  const options = { ...optionsOf(access), interceptors: [makeGrpcRetryInterceptor(patient)] };
  const connection = await reach(access, () => Connection.connect(options));
  await needNamespace(connection, access);
  return new Client({ connection, namespace: access.namespace });
}

const NOT_FOUND = 5; // of the gRPC status codes
const byDefault = defaultGrpcRetryOptions();

/** A new namespace reaches the parts of a server one after the other, in some ten seconds: until then some calls don't find it. */
const patient: typeof byDefault = {
  delayFunction: byDefault.delayFunction,
  retryableDecider: (attempt, status) =>
    byDefault.retryableDecider(attempt, status) || (attempt < 10 && /^Namespace .* is not found/.test(status.details)),
};

/**
 * The connection that an operator's workers share. Signals are the command's to handle, which stops what stands on the workers after them.
 * @param metricsAddress `host:port` on which Prometheus reads how this process's workers fare; null: none
 */
export async function connectWorkers(
  access: TemporalAccess,
  metricsAddress: string | null = null,
): Promise<NativeConnection> {
  const prometheus = metricsAddress === null ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } };
  Runtime.install({ logger: quietLogger(), shutdownSignals: [], telemetryOptions: prometheus });
  return await reach(access, () => NativeConnection.connect(optionsOf(access)));
}

/** Warnings and errors, less the remark that a pool has one kind of work only: all of ours have. */
function quietLogger(): DefaultLogger {
  return new DefaultLogger('WARN', ({ level, timestampNanos, message, meta }) => {
    if (message.includes('not polling for')) return;
    const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
    const details: Record<string, unknown> = meta ?? {};
    const { workflowType, workflowId, activityType, attempt, error } = details;
    const reason = error instanceof Error ? (error.stack ?? error.message) : error;
    console.error(JSON.stringify({ time, level, message, workflowType, workflowId, activityType, attempt, reason }));
  });
}

function optionsOf(access: TemporalAccess) {
  return {
    address: access.address,
    ...(access.tls ? { tls: true } : {}),
    ...(access.apiKey === null ? {} : { apiKey: access.apiKey }),
  };
}

async function needNamespace(connection: Connection, { address, namespace }: TemporalAccess): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (cause) {
    await connection.close();
    if (!isGrpcServiceError(cause) || Number(cause.code) !== NOT_FOUND) throw cause;
    throw new SeineError(
      'NamespaceMissing',
      `the Temporal server at ${address} has no namespace ${namespace}; create it by "temporal operator namespace create ${namespace}", or set TEMPORAL_NAMESPACE`,
      { exitCode: 3, details: { address, namespace }, cause },
    );
  }
}

async function reach<T>(access: TemporalAccess, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (cause) {
    throw new SeineError(
      'TemporalUnreachable',
      `no Temporal server answers at ${access.address}; start one by "seine stack up", or set TEMPORAL_ADDRESS`,
      {
        remedy: 'retry',
        exitCode: 3,
        details: { address: access.address, namespace: access.namespace },
        cause,
      },
    );
  }
}
