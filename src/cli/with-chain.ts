import type { Chain } from '../commit/chain-port.ts';
import type { Session } from './session.ts';

/** Connects to the chain that the settings name for as long as `work` takes. */
export async function withChain<T>({ settings, out }: Session, work: (chain: Chain) => Promise<T>): Promise<T> {
  const { connectChain } = await import('../commit/subtensor/client.ts');
  const {
    'subtensor.endpoint': endpoints,
    'subtensor.archive': archive,
    'subtensor.patience_ms': patienceMs,
  } = settings.values;
  out.progress({ step: `connecting to the chain at ${endpoints.join(', ')}` });
  const chain = await connectChain({ endpoints: [...endpoints], ...(archive === null ? {} : { archive }), patienceMs });
  try {
    return await work(chain);
  } finally {
    await chain.close();
  }
}
