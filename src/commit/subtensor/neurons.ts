import type { BlockRef } from '../../core/chain.ts';
import type { Inclusion, Obstacle } from '../chain-port.ts';
import { CallHinderedError, ChainUnsupportedError, NotRegisteredError } from '../chain-errors.ts';
import { readBalance } from './accounts.ts';
import { readUid } from './commitments.ts';
import { parseIp } from './ip.ts';
import { CLEAR } from './submission.ts';
import type { IndexedEvent, Preflight, Submission } from './submission.ts';
import type { View } from './storage.ts';

const PALLET = 'subtensorModule';
/** RAO that must stay on an account. */
const EXISTENTIAL_DEPOSIT = 500n;

interface By {
  signer: { address: string };
}

/** See Chain.register. */
export function registerSubmission(request: { netuid: number; hotkey: string } & By): Submission<{ uid: number }> {
  const { netuid, hotkey, signer } = request;
  return {
    address: signer.address,
    settled: async (view) => {
      const uid = await readUid(view, netuid, hotkey);
      return uid === null ? null : { uid };
    },
    preflight: async (view) => {
      const obstacles: Obstacle[] = [];
      if ((await view.get(PALLET, 'networksAdded', netuid)) !== true) obstacles.push(noSubnet(netuid));
      else if ((await view.get(PALLET, 'networkRegistrationAllowed', netuid)) !== true) {
        obstacles.push({ rule: 'closed', message: `subnet ${netuid} takes no registrations`, passesAtBlock: null });
      }
      const burn = BigInt((await view.get(PALLET, 'burn', netuid)) as number | string);
      obstacles.push(...(await tooPoor(view, signer.address, burn)));
      return hindered('burned_register', obstacles);
    },
    build: () => Promise.resolve({ pallet: PALLET, name: 'burnedRegister', args: [netuid, hotkey] }),
    result: (_, events) => Promise.resolve({ uid: Number(eventOf(events, 'NeuronRegistered').data[1]) }),
  };
}

/** See Chain.addStake. */
export function addStakeSubmission(
  request: { netuid: number; hotkey: string; rao: bigint } & By,
): Submission<Inclusion> {
  const { netuid, hotkey, rao, signer } = request;
  return {
    address: signer.address,
    preflight: async (view) =>
      hindered('add_stake', [
        ...(await unknownPlace(view, netuid, hotkey)),
        ...(await tooPoor(view, signer.address, rao)),
      ]),
    build: () => Promise.resolve({ pallet: PALLET, name: 'addStake', args: [hotkey, netuid, rao] }),
    result: (block, events) => Promise.resolve(inclusion(block, eventOf(events, 'StakeAdded'))),
  };
}

/** See Chain.removeStake. */
export function removeStakeSubmission(
  request: { netuid: number; hotkey: string; rao: bigint } & By,
): Submission<Inclusion> {
  const { netuid, hotkey, rao, signer } = request;
  return {
    address: signer.address,
    preflight: async (view) => {
      const obstacles = await unknownPlace(view, netuid, hotkey);
      const staked = BigInt((await view.get(PALLET, 'totalHotkeyAlpha', hotkey, netuid)) as number | string);
      if (rao > staked) {
        const message = `only ${staked} RAO of alpha are staked on ${hotkey}, not ${rao}`;
        obstacles.push({ rule: 'stake', message, passesAtBlock: null });
      }
      return hindered('remove_stake', obstacles);
    },
    build: () => Promise.resolve({ pallet: PALLET, name: 'removeStake', args: [hotkey, netuid, rao] }),
    result: (block, events) => Promise.resolve(inclusion(block, eventOf(events, 'StakeRemoved'))),
  };
}

/** See Chain.serveAxon; `already` where the chain says so. */
export function serveAxonSubmission(
  request: { netuid: number; ip: string; port: number } & By,
): Submission<Inclusion | 'already'> {
  const { netuid, port, signer } = request;
  const { ip, ipType } = parseIp(request.ip);
  return {
    address: signer.address,
    settled: async (view) => {
      const axon = await readAxon(view, netuid, signer.address);
      const equal = axon !== null && BigInt(axon.ip) === ip && axon.port === port && axon.ipType === ipType;
      return equal ? 'already' : null;
    },
    preflight: async (view) => {
      const obstacles: Obstacle[] = [];
      let error: Preflight['error'] = null;
      if ((await readUid(view, netuid, signer.address)) === null) {
        error = new NotRegisteredError(netuid, signer.address);
        obstacles.push({ rule: 'registration', message: error.message, passesAtBlock: null });
      }
      const axon = await readAxon(view, netuid, signer.address);
      const limit = Number(await view.get(PALLET, 'servingRateLimit', netuid));
      const passesAtBlock = axon === null ? 0 : Number(axon.block) + limit;
      if (view.block.number + 1 < passesAtBlock) {
        const message = `the axon was served at block ${axon?.block}; again from block ${passesAtBlock} on`;
        obstacles.push({ rule: 'rate_limit', message, passesAtBlock });
      }
      return error === null ? hindered('serve_axon', obstacles) : { obstacles, error };
    },
    build: () =>
      Promise.resolve({
        pallet: PALLET,
        name: 'serveAxon',
        args: [netuid, AXON_VERSION, ip, port, ipType, HTTP, 0, 0],
      }),
    result: (block, events) => Promise.resolve(inclusion(block, eventOf(events, 'AxonServed'))),
  };
}

interface Axon {
  block: number;
  ip: number | string;
  port: number;
  ipType: number;
}

/** Version that axons of Seine announce: 0.1.0. */
const AXON_VERSION = 100;
/** Protocol number of HTTP axons. */
const HTTP = 4;

async function readAxon(view: View, netuid: number, hotkey: string): Promise<Axon | null> {
  return (await view.get(PALLET, 'axons', netuid, hotkey)) as Axon | null;
}

async function unknownPlace(view: View, netuid: number, hotkey: string): Promise<Obstacle[]> {
  if ((await view.get(PALLET, 'networksAdded', netuid)) !== true) return [noSubnet(netuid)];
  // A map of addresses to addresses has a default on Subtensor, where an unknown hotkey's owner is the zero account.
  const owner = (await view.get(PALLET, 'owner', hotkey)) as string | null;
  const known = owner !== null && owner !== ZERO_ACCOUNT;
  const message = `nobody has registered hotkey ${hotkey}: register it first`;
  return known ? [] : [{ rule: 'hotkey', message, passesAtBlock: null }];
}

/** SS58 of 32 zero bytes. */
const ZERO_ACCOUNT = '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM';

async function tooPoor(view: View, address: string, rao: bigint): Promise<Obstacle[]> {
  const free = await readBalance(view, address);
  if (free >= rao + EXISTENTIAL_DEPOSIT) return [];
  const message = `${address} has ${free} RAO free of the ${rao} and ${EXISTENTIAL_DEPOSIT} to keep that it needs`;
  return [{ rule: 'balance', message, passesAtBlock: null }];
}

function noSubnet(netuid: number): Obstacle {
  return { rule: 'subnet', message: `there is no subnet ${netuid}`, passesAtBlock: null };
}

function hindered(call: string, obstacles: Obstacle[]): Preflight {
  return obstacles.length === 0 ? CLEAR : { obstacles, error: new CallHinderedError(call, obstacles) };
}

function eventOf(events: readonly IndexedEvent[], name: string): IndexedEvent {
  const event = events.find((item) => item.pallet === PALLET && item.name === name);
  if (event === undefined) throw new ChainUnsupportedError([`event SubtensorModule.${name} where one was due`]);
  return event;
}

function inclusion(block: BlockRef, event: IndexedEvent): Inclusion {
  return { block, event: event.index };
}
