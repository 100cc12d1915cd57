import type { Neuron } from '../chain-port.ts';
import { ChainUnsupportedError } from '../chain-errors.ts';
import { formatIp } from './ip.ts';
import type { View } from './storage.ts';

/** The lists of `SubnetInfoRuntimeApi.get_metagraph` that are used here; each has one item for a uid. */
interface Metagraph {
  hotkeys: string[];
  coldkeys: string[];
  axons: { ip: number | string; port: number; ipType: number }[];
  validatorPermit: boolean[];
  lastUpdate: (number | string)[];
  blockAtRegistration: (number | string)[];
  totalStake: (number | string)[];
}

/** The neurons of a subnet at the view's block, by uid; none where the subnet does not exist. */
export async function readMetagraph(view: View, netuid: number): Promise<Neuron[]> {
  const graph = (await view.call('subnetInfoRuntimeApi', 'getMetagraph', netuid)) as Metagraph | null;
  if (graph === null) return [];
  return graph.hotkeys.map((hotkey, uid) => {
    const axon = item(graph.axons, uid);
    return {
      uid,
      hotkey,
      coldkey: item(graph.coldkeys, uid),
      registered: Number(item(graph.blockAtRegistration, uid)),
      axon: axon.port === 0 ? null : { ip: formatIp(BigInt(axon.ip), axon.ipType), port: axon.port },
      validatorPermit: item(graph.validatorPermit, uid),
      stake: BigInt(item(graph.totalStake, uid)),
      lastUpdate: Number(item(graph.lastUpdate, uid)),
    };
  });
}

function item<T>(list: readonly T[] | undefined, uid: number): T {
  const value = list?.[uid];
  if (value === undefined)
    throw new ChainUnsupportedError([`complete metagraph (something is missing for uid ${uid})`]);
  return value;
}
