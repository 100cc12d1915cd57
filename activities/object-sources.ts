import type { Signer } from '../src/core/chain.ts';
import { SeineError } from '../src/core/errors.ts';
import { sha256Hex } from '../src/core/hash/sha256.ts';
import type { Digest } from '../src/core/manifest.ts';
import type { Chain, Neuron } from '../src/commit/chain-port.ts';
import { parseLocator, publicUrl } from '../src/commit/locator.ts';
import type { Locator, PublicPlaces } from '../src/commit/locator.ts';
import { otherValidators } from '../src/commit/other-validators.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import type { GuardedFetch } from '../src/net/guarded-fetch.ts';
import { fetchObject } from '../src/net/object-client.ts';
import { peerBase } from '../src/net/peer-request.ts';
import { fetchPublicObject } from '../src/net/public-object.ts';
import { alive } from './alive.ts';

export interface ObjectSourcesDeps {
  chain: Pick<Chain, 'metagraph'>;
  signer: Signer;
  netuid: number;
  /** What was had before, and where what is fetched goes. */
  store: ObjectStore;
  /** Whether a peer at this IP address may be called; loopback only on development networks. */
  isAllowedPeer: (address: string) => boolean;
  places: PublicPlaces;
  /** Clients for the public places of settings, whose hosts the operator allowed by naming them, and for those that miners name. */
  fetch: { named: GuardedFetch; stranger: GuardedFetch };
  heartbeat: (progress: unknown) => void;
  /** Time between two rounds of asking other validators for the same object. @default 10000 */
  mirrorsEveryMs?: number;
  /** Milliseconds. @default Date.now */
  now?: () => number;
}

export interface ObjectRequest {
  /** SS58 address of the miner. */
  hotkey: string;
  /** As the commitment has it. */
  locator: string;
  digest: Digest;
  maxBytes: number;
}

/**
 * An object of a miner: from the store; else from where its locator says; else, when it can't be had there, from another validator that has accepted
 * it. What is had is in the store. @throws LocatorUnknown, and what the fetch from the miner's place threw
 */
export type GetObject = (request: ObjectRequest) => Promise<Uint8Array>;

const SLOWEST_BYTES_PER_SECOND = 50_000;
/** Objects whose last round of mirrors is remembered; beyond, the oldest is forgotten, which at worst asks once more. */
const REMEMBERED_ROUNDS = 10_000;

export function createObjectSources(deps: ObjectSourcesDeps): GetObject {
  const { store, mirrorsEveryMs = 10_000, now = Date.now } = deps;
  const rounds = new Map<Digest, number>();
  const isTimeForMirrors = (digest: Digest): boolean => {
    if (now() - (rounds.get(digest) ?? -Infinity) < mirrorsEveryMs) return false;
    rounds.delete(digest);
    rounds.set(digest, now());
    const [oldest] = rounds.keys();
    if (rounds.size > REMEMBERED_ROUNDS && oldest !== undefined) rounds.delete(oldest);
    return true;
  };
  return async (request) => {
    const { digest } = request;
    const locator = knownLocator(request.locator);
    if (await store.has(digest)) return await store.get(digest);
    let bytes: Uint8Array | null;
    try {
      bytes = await fromOrigin(deps, request, locator);
    } catch (error) {
      if (!(error instanceof SeineError) || !isTimeForMirrors(digest)) throw error;
      bytes = await fromMirrors(deps, request);
      // The miner's own failure is the reason that is noted.
      if (bytes === null) throw error;
    }
    await store.put(bytes);
    rounds.delete(digest);
    return bytes;
  };
}

/** What can't be read is refused whether or not the bytes are here already, so that all validators say the same. */
function knownLocator(text: string): Locator {
  const locator = parseLocator(text);
  if (locator !== null) return locator;
  throw new SeineError('LocatorUnknown', `objects can't be read at ${text}: commit them with another locator`, {
    details: { reason: 'locator_not_supported', locator: text },
  });
}

/** From where the miner says that its objects lie. */
async function fromOrigin(deps: ObjectSourcesDeps, request: ObjectRequest, locator: Locator): Promise<Uint8Array> {
  const { hotkey, digest, maxBytes } = request;
  if (locator.kind === 'axon') {
    const neuron = (await deps.chain.metagraph(deps.netuid)).find((item) => item.hotkey === hotkey);
    if (neuron?.axon) return await fromPeer(deps, request, hotkey, neuron.axon);
    throw new SeineError('NoAxon', `${hotkey} serves no axon`, { remedy: 'retry' });
  }
  const url = publicUrl(locator, digest, deps.places);
  const fetch = locator.kind === 'https' ? deps.fetch.stranger : deps.fetch.named;
  return await alive(
    () => deps.heartbeat({ fetching: url }),
    () => fetchPublicObject({ fetch, url, digest, maxBytes, ...patience(maxBytes) }),
  );
}

/** From the first of the other validators that gives it; null when none does. Each validator asks the others in an order of its own. */
async function fromMirrors(deps: ObjectSourcesDeps, request: ObjectRequest): Promise<Uint8Array | null> {
  const { signer } = deps;
  const rank = ({ hotkey }: Neuron): string => sha256Hex(`${signer.address}.${request.digest}.${hotkey}`);
  const others = await otherValidators(deps.chain, deps.netuid, signer.address);
  others.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  for (const { hotkey, axon } of others) {
    if (hotkey === request.hotkey) continue;
    try {
      return await fromPeer(deps, request, hotkey, axon);
    } catch (error) {
      // Of another validator nothing is known but that it has not helped.
      if (!(error instanceof SeineError)) throw error;
    }
  }
  return null;
}

async function fromPeer(
  deps: ObjectSourcesDeps,
  { digest, maxBytes }: ObjectRequest,
  receiver: string,
  axon: NonNullable<Neuron['axon']>,
): Promise<Uint8Array> {
  return await alive(
    () => deps.heartbeat({ fetching: digest, from: receiver }),
    () =>
      fetchObject({
        ...{ base: peerBase(axon), digest, maxBytes, receiver, signer: deps.signer, ...patience(maxBytes) },
        isAllowedAddress: deps.isAllowedPeer,
      }),
  );
}

/** A slow place is given up, by its rate and by what that rate makes of the object's size. */
function patience(maxBytes: number): { timeoutMs: number; minBytesPerSecond: number } {
  return {
    timeoutMs: 10_000 + Math.ceil((maxBytes / SLOWEST_BYTES_PER_SECOND) * 1000),
    minBytesPerSecond: SLOWEST_BYTES_PER_SECOND,
  };
}
