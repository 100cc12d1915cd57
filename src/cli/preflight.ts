import { fitsBudget } from '../commit/budget.ts';
import type { Chain, Neuron } from '../commit/chain-port.ts';
import { MAX_COMMITMENT_BYTES } from '../commit/commitment.ts';
import type { Settings } from '../config/load.ts';
import { EXIT } from './exit-codes.ts';
import type { Session } from './session.ts';
import { hotkeyOf } from './wallet.ts';
import { withChain } from './with-chain.ts';

/** A call that a role signs, and whether the chain would take it now. */
export interface PlannedCall {
  call: string;
  /** What would keep it from passing, with when or how that ends; empty when nothing would. */
  obstacles: string[];
}

/** What `--dry-run` finds. Nothing is signed or sent. */
export interface Preflight {
  hotkey: string;
  netuid: number;
  uid: number | null;
  calls: PlannedCall[];
}

type Role = 'miner' | 'validator';

/** Looks at what a role would sign, says whether it would pass, and gives the exit code: 0 when all would. */
export async function dryRun(session: Session, role: Role): Promise<number> {
  const hotkey = (await hotkeyOf(session.settings)).address;
  const found = await withChain(session, (chain) => lookAhead(chain, session.settings, hotkey, role));
  const { out } = session;
  out.line(
    `${role} ${found.hotkey} on subnet ${found.netuid}: ${found.uid === null ? 'not registered' : `uid ${found.uid}`}`,
  );
  out.table({
    columns: ['would sign', 'now', 'why not'],
    rows: found.calls.map(({ call, obstacles }) => [
      call,
      obstacles.length === 0 ? { text: 'passes', tone: 'good' } : { text: 'refused', tone: 'bad' },
      obstacles.join('; '),
    ]),
  });
  out.line('Nothing was signed.', 'quiet');
  out.json(found);
  return found.calls.every(({ obstacles }) => obstacles.length === 0) ? EXIT.ok : EXIT.failure;
}

async function lookAhead(chain: Chain, settings: Settings, hotkey: string, role: Role): Promise<Preflight> {
  const { netuid } = settings.values;
  const neurons = await chain.metagraph(netuid);
  const neuron = neurons.find((item) => item.hotkey === hotkey);
  const calls =
    role === 'miner'
      ? await minerCalls(chain, netuid, hotkey, neuron)
      : await validatorCalls(chain, netuid, hotkey, neurons);
  return { hotkey, netuid, uid: neuron?.uid ?? null, calls };
}

async function minerCalls(
  chain: Chain,
  netuid: number,
  hotkey: string,
  neuron: Neuron | undefined,
): Promise<PlannedCall[]> {
  const registration = neuron ? [] : [`${hotkey} is not registered on subnet ${netuid}: register it first`];
  const budget = await chain.budget(netuid, hotkey);
  const fit = fitsBudget(budget, MAX_COMMITMENT_BYTES);
  const spent = fit.fits
    ? []
    : [`${budget.usedBytes} of ${budget.maxBytes} bytes are used: passes at block ${fit.refillsAtBlock}`];
  return [
    { call: 'SubtensorModule.serve_axon', obstacles: registration },
    { call: 'Commitments.set_commitment', obstacles: [...registration, ...spent] },
  ];
}

/** Weights are tried on every uid, as a validator sets them at the end of an epoch. */
async function validatorCalls(
  chain: Chain,
  netuid: number,
  hotkey: string,
  neurons: readonly Neuron[],
): Promise<PlannedCall[]> {
  const uids = neurons.map(({ uid }) => uid);
  const request = { netuid, uids, weights: uids.map(() => 65_535), versionKey: 0 };
  const obstacles = await chain.weightObstacles(request, hotkey);
  const reasons = obstacles.map(({ message, passesAtBlock }) =>
    passesAtBlock === null ? message : `${message} (passes at block ${passesAtBlock})`,
  );
  return [{ call: 'SubtensorModule.set_weights', obstacles: reasons }];
}
