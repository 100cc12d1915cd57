import type { Neuron } from '../commit/chain-port.ts';
import { aboutMinutes, blockMs } from './block-time.ts';
import type { Session } from './session.ts';
import { formatTao } from './tao.ts';
import { hotkeyAddressOf } from './wallet.ts';
import { withChain } from './with-chain.ts';

export async function showMetagraph(session: Session): Promise<void> {
  const { netuid } = session.settings.values;
  const { neurons, head } = await withChain(session, async (chain) => {
    const head = await chain.head();
    return { head, neurons: await chain.metagraph(netuid, head.number) };
  });
  session.out.table({
    title: `Subnet ${netuid} at block ${head.number}`,
    columns: ['uid', 'hotkey', 'stake', 'permit', 'axon', 'registered', 'updated'],
    rows: neurons.map((neuron) => [
      neuron.uid,
      neuron.hotkey,
      formatTao(neuron.stake),
      neuron.validatorPermit ? 'yes' : '',
      neuron.axon === null ? '' : `${neuron.axon.ip}:${neuron.axon.port}`,
      neuron.registered,
      `${head.number - neuron.lastUpdate} blocks ago`,
    ]),
  });
  if (neurons.length === 0) session.out.line('nobody');
  session.out.json({ netuid, block: head.number, neurons: neurons.map(neuronJson) });
}

/** Permits go to the largest stakes, at the end of every epoch. */
export async function showPermits(session: Session): Promise<void> {
  const { netuid } = session.settings.values;
  const { neurons, subnet, epoch, head, eachMs } = await withChain(session, async (chain) => {
    const head = await chain.head();
    const [neurons, subnet, epoch, eachMs] = await Promise.all([
      chain.metagraph(netuid, head.number),
      chain.hyperparameters(netuid),
      chain.epoch(netuid),
      blockMs(chain),
    ]);
    return { neurons, subnet, epoch, head, eachMs };
  });
  const holders = neurons.filter((neuron) => neuron.validatorPermit).sort(byStake);
  const places = subnet?.maxValidators ?? holders.length;
  // Without a wallet here the table is still of use.
  const own = await hotkeyAddressOf(session.settings).catch(() => null);
  const mine = neurons.find((neuron) => neuron.hotkey === own);
  session.out.table({
    title: `Permits of subnet ${netuid}: ${holders.length} of ${places}`,
    columns: ['uid', 'hotkey', 'stake'],
    rows: holders.map((neuron) => [
      neuron.uid,
      neuron.hotkey === own ? { text: neuron.hotkey, tone: 'strong' } : neuron.hotkey,
      formatTao(neuron.stake),
    ]),
  });
  const least = holders.length < places ? (subnet?.stakeThresholdRao ?? 0n) : (holders.at(-1)?.stake ?? 0n);
  const when = aboutMinutes(epoch.nextStartBlock - head.number, eachMs);
  session.out.line(`A permit takes a stake above ${formatTao(least)} at block ${epoch.nextStartBlock}, ${when}.`);
  if (mine !== undefined)
    session.out.line(
      `${mine.hotkey} (uid ${mine.uid}) stakes ${formatTao(mine.stake)} and has ${mine.validatorPermit ? 'a permit' : 'none'}.`,
    );
  session.out.json({
    netuid,
    block: head.number,
    places,
    next_at_block: epoch.nextStartBlock,
    least_stake_rao: least.toString(),
    holders: holders.map(neuronJson),
    own: mine === undefined ? null : neuronJson(mine),
  });
}

function byStake(a: Neuron, b: Neuron): number {
  return a.stake === b.stake ? a.uid - b.uid : a.stake > b.stake ? -1 : 1;
}

/** RAO as text: beyond 2^53 a JSON number would not hold them. */
function neuronJson({ stake, ...neuron }: Neuron): Record<string, unknown> {
  return { ...neuron, stake_rao: stake.toString() };
}
