import type { WsProvider } from '@polkadot/api';
import { ForeignEndpointError } from '../chain-errors.ts';

/** The runtime's name on every chain that carries Bittensor subnets. */
export const SPEC_NAME = 'node-subtensor';

const ANSWER_LIMIT_MS = 10_000;

/** What tells one chain from another. */
export interface Identity {
  genesisHash: string;
  specName: string;
}

/**
 * Checks that endpoints are of one chain, each once. The first that answers with a Subtensor runtime says which chain that is, unless
 * `expected` does. It asks over a connection of its own, so that nothing of another chain ever reaches the main one.
 */
export function createVerifier(
  Provider: typeof WsProvider,
  expected?: string,
): { verify: (endpoint: string) => Promise<void>; genesisHash: () => string | undefined } {
  let genesisHash = expected;
  const verified = new Set<string>();
  const verify = async (endpoint: string): Promise<void> => {
    if (verified.has(endpoint)) return;
    const found = await identityOf(Provider, endpoint);
    if (found.specName !== SPEC_NAME) {
      throw new ForeignEndpointError(endpoint, { name: 'spec name', expected: SPEC_NAME, found: found.specName });
    }
    genesisHash ??= found.genesisHash;
    if (found.genesisHash !== genesisHash) {
      throw new ForeignEndpointError(endpoint, {
        name: 'genesis hash',
        expected: genesisHash,
        found: found.genesisHash,
      });
    }
    verified.add(endpoint);
  };
  return { verify, genesisHash: () => genesisHash };
}

async function identityOf(Provider: typeof WsProvider, endpoint: string): Promise<Identity> {
  const provider = new Provider(endpoint, false, {}, ANSWER_LIMIT_MS);
  let limit: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    provider.on('error', (error: unknown) => reject(asError(error)));
    provider.on('disconnected', () => reject(new Error(`disconnected from ${endpoint}`)));
    limit = setTimeout(() => reject(new Error('no answer')), ANSWER_LIMIT_MS);
  });
  try {
    const ask = async (): Promise<Identity> => {
      await provider.connect();
      await provider.isReady;
      const [genesisHash, version] = await Promise.all([
        provider.send<string>('chain_getBlockHash', [0]),
        provider.send<{ specName: string }>('state_getRuntimeVersion', []),
      ]);
      return { genesisHash, specName: version.specName };
    };
    return await Promise.race([ask(), failed]);
  } finally {
    clearTimeout(limit);
    failed.catch(() => undefined); // closing the socket is no failure any more
    await provider.disconnect();
  }
}

/** Socket errors come as events that carry a message. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  return new Error(message === '' ? 'the socket failed' : message);
}
