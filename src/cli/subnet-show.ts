import type { Chain, Hyperparameters } from '../commit/chain-port.ts';
import { SeineError } from '../core/errors.ts';
import { aboutMinutes, blockMs } from './block-time.ts';
import type { Session } from './session.ts';
import { formatTao } from './tao.ts';
import { withChain } from './with-chain.ts';

/** Netuids asked at a time, and how many in a row may be missing before the end of the list is taken for reached. */
const AT_ONCE = 8;

class SubnetMissing extends SeineError {
  constructor(netuid: number) {
    super('SubnetMissing', `the chain has no subnet ${netuid}: "seine subnet list" shows those that there are`, {
      details: { netuid },
    });
  }
}

export async function listSubnets(session: Session): Promise<void> {
  const { out } = session;
  const subnets = await withChain(session, async (chain) => {
    const found: ({ netuid: number; owner: string } & Hyperparameters)[] = [];
    for (let from = 0, missed = 0; missed < 2 * AT_ONCE; from += AT_ONCE) {
      out.progress({ step: 'reading subnets', done: from });
      const batch = await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => readSubnet(chain, from + at)));
      const there = batch.filter((subnet) => subnet !== null);
      missed = there.length === 0 ? missed + AT_ONCE : 0;
      found.push(...there);
    }
    return found;
  });
  out.table({
    columns: ['netuid', 'uids', 'validators', 'tempo', 'burn TAO', 'weights', 'registration', 'owner'],
    rows: subnets.map((subnet) => [
      subnet.netuid,
      subnet.maxUids,
      subnet.maxValidators,
      subnet.tempo,
      formatTao(subnet.burnRao),
      subnet.commitReveal ? 'commit-reveal' : 'plain',
      subnet.registrationAllowed ? 'open' : { text: 'closed', tone: 'warn' },
      subnet.owner,
    ]),
  });
  out.json({ subnets: subnets.map(({ netuid, owner, ...rest }) => ({ netuid, owner, ...subnetJson(rest) })) });
}

export async function showSubnet(session: Session): Promise<void> {
  const { netuid } = session.settings.values;
  const { subnet, shape, epoch, head, eachMs } = await withChain(session, async (chain) => {
    const subnet = await chain.hyperparameters(netuid);
    if (subnet === null) throw new SubnetMissing(netuid);
    const [epoch, head, eachMs] = await Promise.all([chain.epoch(netuid), chain.head(), blockMs(chain)]);
    return { subnet, shape: chain.shape(), epoch, head, eachMs };
  });
  const fields = `${shape.maxFields} ${shape.maxFields === 1 ? 'field' : 'fields'} each`;
  const rate =
    shape.rateLimit.kind === 'bytes'
      ? `${shape.rateLimit.bytesPerEpoch} bytes an epoch, ${fields}`
      : `one in ${shape.rateLimit.blocks} blocks, ${fields}`;
  const blocksLeft = epoch.nextStartBlock - head.number;
  session.out.table({
    title: `Subnet ${netuid} at block ${head.number}, spec ${shape.specVersion}`,
    columns: ['', ''],
    rows: [
      ['registration', `${formatTao(subnet.burnRao)} TAO${subnet.registrationAllowed ? '' : ', closed'}`],
      ['places', `${subnet.maxUids}, ${subnet.maxValidators} of them with a permit`],
      ['immunity', `${subnet.immunityBlocks} blocks`],
      [
        'epoch',
        `${epoch.index}; the next begins at block ${epoch.nextStartBlock}, ${aboutMinutes(blocksLeft, eachMs)}`,
      ],
      ['commitments', rate],
      ['weights', subnet.commitReveal ? `commit-reveal, shown after ${subnet.revealPeriodEpochs} epochs` : 'plain'],
      ['weights at most', `every ${subnet.weightsRateLimitBlocks} blocks, version key ${subnet.weightsVersionKey}`],
      ['weights at least', `${subnet.minAllowedWeights} uids, with a stake of ${formatTao(subnet.stakeThresholdRao)}`],
    ],
  });
  session.out.json({ netuid, block: head.number, epoch, shape, ...subnetJson(subnet) });
}

async function readSubnet(
  chain: Chain,
  netuid: number,
): Promise<({ netuid: number; owner: string } & Hyperparameters) | null> {
  const [owner, parameters] = await Promise.all([chain.subnetOwner(netuid), chain.hyperparameters(netuid)]);
  return parameters === null ? null : { netuid, owner: owner?.hotkey ?? '', ...parameters };
}

/** RAO as text: beyond 2^53 a JSON number would not hold them. */
function subnetJson(parameters: Hyperparameters): Record<string, unknown> {
  const { burnRao, stakeThresholdRao, ...rest } = parameters;
  return { ...rest, burnRao: burnRao.toString(), stakeThresholdRao: stakeThresholdRao.toString() };
}
