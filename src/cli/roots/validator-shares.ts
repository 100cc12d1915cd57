import type { Chain } from '../../commit/chain-port.ts';
import type { MayAsk } from '../../inference/server/gate.ts';
import type { Settings } from '../../config/load.ts';
import { RAO_PER_TAO } from '../../core/units.ts';
import { mayAsk, owedShares } from '../../scoring/inference/owed-shares.ts';
import type { OwedTerms, StakedHotkey } from '../../scoring/inference/owed-shares.ts';
import { formatTao } from '../tao.ts';

/** Stake and permits move once an epoch; so old may be what is known of them. */
const FRESH_BLOCKS = 2;
/** The chain is asked for its height no more often, however many requests come. */
const LOOK_MS = 1000;
/** So long what was read last answers while the chain is asked again: no request waits for a chain that is slow, and its answer's speed is paid. */
const STALE_MS = 60_000;

export interface SharesOptions {
  chain: Pick<Chain, 'finalized' | 'metagraph'>;
  netuid: number;
  terms: OwedTerms;
  /** Milliseconds, of a clock that never goes back. */
  now: () => number;
}

/** What validators may ask of this miner, by the stake of those that may ask at all. */
export interface ValidatorShares {
  mayAsk: (caller: string) => Promise<MayAsk>;
  /** Units of a volume that a caller is owed; 0 of one that may not ask. */
  owed: (served: { volume: number }, caller: string) => Promise<number>;
  /** Everybody's share of a volume. */
  all: (served: { volume: number }) => Promise<Map<string, number>>;
}

interface View {
  block: number;
  /** Those with a permit, by SS58 address. */
  permitted: ReadonlyMap<string, StakedHotkey>;
}

/** What miners owe whom, by the settings; miners and validators of a subnet need the same. */
export function owedTerms({ values }: Pick<Settings, 'values'>): OwedTerms {
  return {
    leastStake: BigInt(values['inference.least_stake_tao']) * RAO_PER_TAO,
    curve: values['parameters.stake_curve'],
  };
}

/** Reads the metagraph again every few blocks; while the chain is away or slow, what was read last holds. */
export function createValidatorShares(options: SharesOptions): ValidatorShares {
  const { chain, netuid, terms, now } = options;
  let view: View | null = null;
  let lookedMs = -Infinity;
  let looking: Promise<void> | null = null;

  async function look(): Promise<View> {
    const { number: block } = await chain.finalized();
    if (view !== null && block < view.block + FRESH_BLOCKS) return view;
    const permitted = (await chain.metagraph(netuid)).filter((neuron) => neuron.validatorPermit);
    return { block, permitted: new Map(permitted.map((neuron) => [neuron.hotkey, neuron])) };
  }

  function lookAgain(): Promise<void> {
    const looked = look()
      .then((found) => void (view = found))
      .finally(() => {
        looking = null;
        lookedMs = now();
      });
    // Heard by those alone who wait for it.
    looked.catch(() => undefined);
    return looked;
  }

  async function current(): Promise<View> {
    const sinceMs = now() - lookedMs;
    if (view === null || sinceMs >= LOOK_MS) looking ??= lookAgain();
    if (view !== null && sinceMs < STALE_MS) return view;
    try {
      await looking;
    } catch (error) {
      if (view === null) throw error;
    }
    return view!;
  }

  async function all(served: { volume: number }): Promise<Map<string, number>> {
    const { permitted } = await current();
    return owedShares(served.volume, [...permitted.values()], terms);
  }

  return {
    all,
    owed: async (served, caller) => (await all(served)).get(caller) ?? 0,
    async mayAsk(caller) {
      const validator = (await current()).permitted.get(caller);
      if (validator === undefined) return { allowed: false, reason: 'no validator permit', status: 403 };
      if (mayAsk(validator, terms)) return { allowed: true };
      return { allowed: false, reason: `less than ${formatTao(terms.leastStake)} TAO of stake`, status: 403 };
    },
  };
}
