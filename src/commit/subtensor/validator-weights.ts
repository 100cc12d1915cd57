import { decodeAddress } from '@polkadot/util-crypto';
import type { BlockRef, Signer } from '../../core/chain.ts';
import type { WeightsRequest, WeightsSet } from '../chain-port.ts';
import { WeightsRefusedError } from '../chain-errors.ts';
import { revealRound } from '../timelock/reveal-round.ts';
import { encryptWeights } from '../timelock/weights-payload.ts';
import { COMMIT_VERSION, weightObstaclesOf } from '../weight-rules.ts';
import { readBeacon } from './beacon.ts';
import type { Blocks } from './blocks.ts';
import { readUid } from './commitments.ts';
import { readEpoch } from './epochs.ts';
import type { View } from './storage.ts';
import { CLEAR } from './submission.ts';
import type { Call, Submission, Submit } from './submission.ts';
import { readWaiting, readWeights, readWeightState } from './weight-state.ts';

const PALLET = 'subtensorModule';
/** Blocks over which the time between two is averaged. */
const BLOCKS_AVERAGED = 20;

interface Standing {
  number: number;
  road: WeightsSet['road'];
  revealRound: number | null;
}

/** Weights to be set by the road that the subnet takes. */
export function weightsSubmission(
  request: WeightsRequest & { signer: { address: string } },
  blocks: Pick<Blocks, 'at'>,
): Submission<Standing> {
  const { netuid, uids, weights, versionKey, signer } = request;
  const hotkey = signer.address;
  /** Commits made here: nobody else can tell what is in them. */
  const made = new Set<string>();
  let last: Pick<Standing, 'road' | 'revealRound'> = { road: 'plain', revealRound: null };

  const commitCall = async (view: View): Promise<Call> => {
    const { round, encrypted } = await encrypt(view, blocks, request);
    const commit = `0x${Buffer.from(encrypted).toString('hex')}`;
    made.add(commit);
    last = { road: 'timelocked', revealRound: round };
    return { pallet: PALLET, name: 'commitTimelockedWeights', args: [netuid, commit, round, COMMIT_VERSION] };
  };
  return {
    address: hotkey,
    settled: async (view) =>
      (await isCommitReveal(view, netuid))
        ? await committedBefore(view, request, made)
        : await setBefore(view, request),
    preflight: async (view) => {
      const obstacles = weightObstaclesOf(request, await readWeightState(view, netuid, hotkey));
      return obstacles.length === 0 ? CLEAR : { obstacles, error: new WeightsRefusedError(netuid, obstacles) };
    },
    build: async (view) => {
      if (await isCommitReveal(view, netuid)) return await commitCall(view);
      last = { road: 'plain', revealRound: null };
      return { pallet: PALLET, name: 'setWeights', args: [netuid, uids, weights, versionKey] };
    },
    result: (block) => Promise.resolve({ number: block.number, ...last }),
  };
}

/** See Chain.setWeights. */
export async function setWeights(
  submit: Submit,
  blocks: Blocks,
  request: WeightsRequest & { signer: Signer },
): Promise<WeightsSet> {
  const { number, ...how } = await submit(weightsSubmission(request, blocks), request.signer);
  const block: BlockRef = { number, hash: await blocks.hash(number) };
  return { block, ...how };
}

async function isCommitReveal(view: View, netuid: number): Promise<boolean> {
  return (await view.get(PALLET, 'commitRevealWeightsEnabled', netuid)) === true;
}

/** The same weights, set after the scores they come from or so lately that the rate limit takes no others yet: an earlier try got this far. */
async function setBefore(
  view: View,
  request: WeightsRequest & { signer: { address: string } },
): Promise<Standing | null> {
  const { netuid, signer, since } = request;
  if (!(await holdsEqual(view, request))) return null;
  const state = await readWeightState(view, netuid, signer.address);
  const limited = weightObstaclesOf(request, state).some((obstacle) => obstacle.rule === 'rate_limit');
  const counts = since === undefined ? limited : state.lastUpdate > since;
  return counts ? { number: state.lastUpdate, road: 'plain', revealRound: null } : null;
}

async function holdsEqual(view: View, request: WeightsRequest & { signer: { address: string } }): Promise<boolean> {
  const { netuid, uids, weights, signer } = request;
  const uid = await readUid(view, netuid, signer.address);
  if (uid === null) return false;
  const held = await readWeights(view, netuid, uid);
  return held.length === uids.length && held.every(([to, value], at) => to === uids[at] && value === weights[at]);
}

/** A commit of this hotkey that was made here, or after the scores that these weights come from. */
async function committedBefore(
  view: View,
  request: WeightsRequest & { signer: { address: string } },
  made: ReadonlySet<string>,
): Promise<Standing | null> {
  const { netuid, signer, since = Infinity } = request;
  const waiting = await readWaiting(view, netuid, signer.address);
  const own = waiting.find((item) => made.has(item.commit)) ?? waiting.find((item) => item.block > since);
  if (own !== undefined) return { number: own.block, road: 'timelocked', revealRound: own.revealRound };
  // Revealed commits are gone from the queue; what they said stands.
  if (since === Infinity || !(await holdsEqual(view, request))) return null;
  const { lastUpdate } = await readWeightState(view, netuid, signer.address);
  return lastUpdate > since ? { number: lastUpdate, road: 'timelocked', revealRound: null } : null;
}

async function encrypt(
  view: View,
  blocks: Pick<Blocks, 'at'>,
  request: WeightsRequest & { signer: { address: string } },
): Promise<{ round: number; encrypted: Uint8Array }> {
  const { netuid, uids, weights, versionKey, signer } = request;
  const [beacon, epoch, period, timeMs] = await Promise.all([
    readBeacon(view),
    readEpoch(view, netuid),
    view.get(PALLET, 'revealPeriodEpochs', netuid),
    view.get('timestamp', 'now'),
  ]);
  const counted = view.has(PALLET, 'subnetEpochIndex');
  const round = revealRound({
    schedule: {
      block: view.block.number,
      nextEpochBlock: epoch.nextStartBlock,
      blocksPerEpoch: counted ? epoch.tempo : epoch.tempo + 1,
    },
    revealPeriodEpochs: Number(period),
    blockTimeSeconds: await readBlockSeconds(view, blocks, Number(timeMs)),
    // A chain that builds blocks only when it has something to put in may have been idle since its newest.
    nowSeconds: Math.max(Number(timeMs), Date.now()) / 1000,
    beacon,
  });
  const hotkeyPublicKey = decodeAddress(signer.address);
  const payload = { hotkeyPublicKey, uids, values: weights, versionKey: BigInt(versionKey) };
  return { round, encrypted: encryptWeights({ ...payload, beacon, round }) };
}

/** Seconds between blocks: what the consensus says, else the average of late. */
async function readBlockSeconds(view: View, blocks: Pick<Blocks, 'at'>, nowMs: number): Promise<number> {
  const slotMs = view.constant('aura', 'slotDuration');
  if (slotMs !== null) return Number(slotMs) / 1000;
  const earlier = Math.max(1, view.block.number - BLOCKS_AVERAGED);
  const count = view.block.number - earlier;
  if (count === 0) return 12;
  const thenMs = Number(await blocks.at(earlier, (then) => then.get('timestamp', 'now')));
  return (nowMs - thenMs) / 1000 / count;
}
