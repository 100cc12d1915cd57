import { WEIGHTS_VERSION_KEY } from '../core/version.ts';
import type { Plan, PlannedCall } from '../commit/chain-port.ts';
import { encodeCommitment, encodeSecretCommitment } from '../commit/commitment.ts';
import { MAX_WEIGHT } from '../commit/weights.ts';
import type { Settings } from '../config/load.ts';
import { aboutMinutes, blockMs } from './block-time.ts';
import { EXIT } from './exit-codes.ts';
import type { Session } from './session.ts';
import { planJson, planRows } from './signing.ts';
import { hotkeyAddressOf } from './wallet.ts';
import { withChain } from './with-chain.ts';

type Role = 'miner' | 'validator';

/** Stands for a port that is taken only at the start. */
const ANY_PORT = 8091;
/** Of most tasks. */
const PERIOD_MS = 3_600_000;

/** Looks at what a role would sign, says whether it would pass, and gives the exit code: 0 when all would. */
export async function dryRun(session: Session, role: Role): Promise<number> {
  const { out, settings } = session;
  const { netuid } = settings.values;
  const hotkey = await hotkeyAddressOf(settings, session.context.terminal);
  const found = await withChain(session, async (chain) => {
    const [head, eachMs, neurons] = await Promise.all([chain.head(), blockMs(chain), chain.metagraph(netuid)]);
    const uids = neurons.map(({ uid }) => uid);
    const calls = role === 'miner' ? minerCalls(settings, hotkey) : validatorCalls(settings, hotkey, uids);
    const plans: Plan[] = [];
    for (const call of calls) plans.push(await chain.plan(call));
    return { head, eachMs, plans, uid: neurons.find((item) => item.hotkey === hotkey)?.uid ?? null };
  });
  out.line(`${role} ${hotkey} on subnet ${netuid}: ${found.uid === null ? 'not registered' : `uid ${found.uid}`}`);
  for (const plan of found.plans) {
    out.line();
    out.table({ columns: ['would sign', plan.call], rows: planRows(plan) });
    if (plan.done) out.line('The chain holds that already: nothing would be sent.', 'good');
    else if (plan.obstacles.length === 0) out.line('It would pass now.', 'good');
    for (const { message, passesAtBlock } of plan.obstacles) {
      const blocks = passesAtBlock === null ? null : passesAtBlock - found.head.number;
      const when = blocks === null ? '' : ` (passes at block ${passesAtBlock}, ${aboutMinutes(blocks, found.eachMs)})`;
      out.line(`Would be refused: ${message}${when}`, 'bad');
    }
  }
  out.line();
  out.line('Nothing was signed.', 'quiet');
  out.json({ hotkey, netuid, uid: found.uid, calls: found.plans.map(planJson) });
  return found.plans.every(({ obstacles }) => obstacles.length === 0) ? EXIT.ok : EXIT.failure;
}

/** The commitment is an example: what it names does not matter to the chain, its length does. */
function minerCalls({ values }: Settings, address: string): PlannedCall[] {
  const { netuid } = values;
  const signer = { address };
  const ip = values['miner.public_ip'] ?? '127.0.0.1';
  const manifest = '0'.repeat(64);
  const data = encodeCommitment({ manifest, seq: 0, rows: 0, locator: values['miner.locator'] });
  return [
    { call: 'serveAxon', netuid, ip, port: values['miner.port'] || ANY_PORT, signer },
    { call: 'commit', netuid, data, signer },
  ];
}

/**
 * Weights are tried on every uid: whom they go to changes nothing about whether they may be set. The digest of a period's secret, which is committed before each
 * period where miners are challenged, is an example of the usual length.
 */
function validatorCalls({ values }: Settings, address: string, uids: readonly number[]): PlannedCall[] {
  const { netuid } = values;
  const signer = { address };
  const ip = values['validator.public_ip'];
  const weights = uids.map(() => MAX_WEIGHT);
  const calls: PlannedCall[] = [
    { call: 'setWeights', netuid, uids: [...uids], weights, versionKey: WEIGHTS_VERSION_KEY, signer },
  ];
  if (values['validator.checkers_file'] !== null) {
    const data = encodeSecretCommitment({ period: Math.floor(Date.now() / PERIOD_MS), digest: '0'.repeat(64) });
    calls.unshift({ call: 'commit', netuid, data, signer });
  }
  // Served only where there is an address to put on chain.
  if (ip !== null) calls.unshift({ call: 'serveAxon', netuid, ip, port: values['validator.port'] || ANY_PORT, signer });
  return calls;
}
