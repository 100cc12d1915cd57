import type { Signer } from '../../core/chain.ts';
import type { Inclusion } from '../chain-port.ts';
import { ChainUnsupportedError, NotRegisteredError } from '../chain-errors.ts';
import { readUid } from './commitments.ts';
import { parseIp } from './ip.ts';
import type { IndexedEvent, Submit } from './submit.ts';
import type { BlockRef } from '../../core/chain.ts';

/** See Chain.register. */
export async function register(
  submit: Submit,
  request: { netuid: number; hotkey: string; signer: Signer },
): Promise<{ uid: number }> {
  const { netuid, hotkey, signer } = request;
  return await submit({
    pallet: 'subtensorModule',
    call: 'burnedRegister',
    args: [netuid, hotkey],
    signer,
    settled: async (view) => {
      const uid = await readUid(view, netuid, hotkey);
      return uid === null ? null : { uid };
    },
    result: (_, events) => Promise.resolve({ uid: Number(eventOf(events, 'NeuronRegistered').data[1]) }),
  });
}

/** See Chain.addStake. */
export async function addStake(
  submit: Submit,
  request: { netuid: number; hotkey: string; rao: bigint; signer: Signer },
): Promise<Inclusion> {
  const { netuid, hotkey, rao, signer } = request;
  return await submit({
    pallet: 'subtensorModule',
    call: 'addStake',
    args: [hotkey, netuid, rao],
    signer,
    result: (block, events) => Promise.resolve(inclusion(block, eventOf(events, 'StakeAdded'))),
  });
}

/** See Chain.serveAxon. */
export async function serveAxon(
  submit: Submit,
  request: { netuid: number; ip: string; port: number; signer: Signer },
): Promise<Inclusion | null> {
  const { netuid, port, signer } = request;
  const { ip, ipType } = parseIp(request.ip);
  const served = await submit<Inclusion | 'already'>({
    pallet: 'subtensorModule',
    call: 'serveAxon',
    args: [netuid, AXON_VERSION, ip, port, ipType, HTTP, 0, 0],
    signer,
    settled: async (view) => {
      const axon = (await view.get('subtensorModule', 'axons', netuid, signer.address)) as Axon | null;
      const equal = axon !== null && BigInt(axon.ip) === ip && axon.port === port && axon.ipType === ipType;
      return equal ? 'already' : null;
    },
    preflight: async (view) => {
      const uid = await readUid(view, netuid, signer.address);
      if (uid === null) throw new NotRegisteredError(netuid, signer.address);
    },
    result: (block, events) => Promise.resolve(inclusion(block, eventOf(events, 'AxonServed'))),
  });
  return served === 'already' ? null : served;
}

interface Axon {
  ip: number | string;
  port: number;
  ipType: number;
}

/** Version that axons of Seine announce: 0.1.0. */
const AXON_VERSION = 100;
/** Protocol number of HTTP axons. */
const HTTP = 4;

function eventOf(events: readonly IndexedEvent[], name: string): IndexedEvent {
  const event = events.find((item) => item.pallet === 'subtensorModule' && item.name === name);
  if (event === undefined) throw new ChainUnsupportedError(`event SubtensorModule.${name} where one was due`);
  return event;
}

function inclusion(block: BlockRef, event: IndexedEvent): Inclusion {
  return { block, event: event.index };
}
