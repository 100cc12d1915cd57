import type { Chain } from '../commit/chain-port.ts';
import type { Session } from './session.ts';

/** A command asks once and a person waits: a node that is away is soon said to be. */
const PATIENCE_MS = 8000;

/** Connects to the chain that the settings name for as long as `work` takes. */
export async function withChain<T>({ settings, out }: Session, work: (chain: Chain) => Promise<T>): Promise<T> {
  const { connectChain } = await import('../commit/subtensor/client.ts');
  const endpoint = settings.values['subtensor.endpoint'];
  out.progress({ step: `connecting to the chain at ${endpoint}` });
  const chain = await connectChain({ endpoint, patienceMs: PATIENCE_MS });
  try {
    return await work(chain);
  } finally {
    await chain.close();
  }
}
