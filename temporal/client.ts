import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
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
  const connection = await reach(access, () => Connection.connect(optionsOf(access)));
  return new Client({ connection, namespace: access.namespace });
}

/** The connection that an operator's workers share. */
export async function connectWorkers(access: TemporalAccess): Promise<NativeConnection> {
  return await reach(access, () => NativeConnection.connect(optionsOf(access)));
}

function optionsOf(access: TemporalAccess) {
  return {
    address: access.address,
    ...(access.tls ? { tls: true } : {}),
    ...(access.apiKey === null ? {} : { apiKey: access.apiKey }),
  };
}

async function reach<T>(access: TemporalAccess, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (cause) {
    throw new SeineError('TemporalUnreachable', `no Temporal server answers at ${access.address}`, {
      remedy: 'retry',
      exitCode: 3,
      details: { address: access.address, namespace: access.namespace },
      cause,
    });
  }
}
