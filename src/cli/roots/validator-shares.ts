import type { Chain } from '../../commit/chain-port.ts';
import type { MayAsk } from '../../inference/server/gate.ts';
import { stakeShares } from '../../scoring/inference/stake-shares.ts';
import type { StakeCurve } from '../../scoring/inference/stake-shares.ts';

/** Stake and permits move once an epoch; so old may be what is known of them. */
const FRESH_BLOCKS = 2;
/** The chain is asked for its height no more often, however many requests come. */
const LOOK_MS = 1000;
/** So long what was read last answers while the chain is asked again: no request waits for a chain that is slow, and its answer's speed is paid. */
const STALE_MS = 60_000;

export interface SharesOptions {
  chain: Pick<Chain, 'finalized' | 'metagraph'>;
  netuid: number;
  /** RAO that a validator needs besides its permit. */
  leastStake: bigint;
  curve: StakeCurve;
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
  /** SS58 addresses. */
  permitted: ReadonlySet<string>;
  hotkeys: readonly string[];
  stakes: readonly bigint[];
}

/** Reads the metagraph again every few blocks; while the chain is away or slow, what was read last holds. */
export function createValidatorShares(options: SharesOptions): ValidatorShares {
  const { chain, netuid, leastStake, curve, now } = options;
  let view: View | null = null;
  let lookedMs = -Infinity;
  let looking: Promise<void> | null = null;

  async function look(): Promise<View> {
    const { number: block } = await chain.finalized();
    if (view !== null && block < view.block + FRESH_BLOCKS) return view;
    const permitted = (await chain.metagraph(netuid)).filter((neuron) => neuron.validatorPermit);
    const asking = permitted.filter(({ stake }) => stake >= leastStake);
    return {
      block,
      permitted: new Set(permitted.map(({ hotkey }) => hotkey)),
      hotkeys: asking.map(({ hotkey }) => hotkey),
      stakes: asking.map(({ stake }) => stake),
    };
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
    const { hotkeys, stakes } = await current();
    const shares = stakeShares(served.volume, stakes, curve);
    return new Map(hotkeys.map((hotkey, index) => [hotkey, shares[index] ?? 0]));
  }

  return {
    all,
    owed: async (served, caller) => (await all(served)).get(caller) ?? 0,
    async mayAsk(caller) {
      const { permitted, hotkeys } = await current();
      if (!permitted.has(caller)) return { allowed: false, reason: 'no validator permit', status: 403 };
      if (hotkeys.includes(caller)) return { allowed: true };
      return { allowed: false, reason: `less than ${leastStake / 1_000_000_000n} TAO of stake`, status: 403 };
    },
  };
}
