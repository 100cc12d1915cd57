import type { Signer } from '../src/core/chain.ts';
import { SeineError } from '../src/core/errors.ts';
import { sha256Hex } from '../src/core/hash/sha256.ts';
import type { Digest } from '../src/core/manifest.ts';
import type { Chain, Neuron } from '../src/commit/chain-port.ts';
import { parseLocator, publicUrl } from '../src/commit/locator.ts';
import type { Locator, PublicPlaces } from '../src/commit/locator.ts';
import { otherValidators } from '../src/commit/other-validators.ts';
import type { ServingNeuron } from '../src/commit/other-validators.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import type { GuardedFetch } from '../src/net/guarded-fetch.ts';
import { fetchObjectToFile } from '../src/net/object-client.ts';
import { peerBase } from '../src/net/peer-request.ts';
import { fetchPublicObjectToFile } from '../src/net/public-object.ts';
import type { PublicObjectOptions } from '../src/net/public-object.ts';
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
  /** Cancels the request to the miner's place, by an error that says why. */
  signal?: AbortSignal | undefined;
}

/**
 * Sees that an object of a miner is in the store: from where its locator says, or, when it can't be had there, from another validator that has
 * accepted it. @throws LocatorUnknown, and what the fetch from the miner's place threw
 */
export type GetObject = (request: ObjectRequest) => Promise<void>;

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
    if (await store.has(digest)) return;
    await store.putBy((path) =>
      fromOrigin(deps, request, locator, path).catch(async (error: unknown) => {
        // The miner's own failure is the reason that is noted.
        const isTheirs = error instanceof SeineError;
        if (!isTheirs || !isTimeForMirrors(digest) || !(await fromMirrors(deps, request, path))) throw error;
      }),
    );
    rounds.delete(digest);
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
async function fromOrigin(
  deps: ObjectSourcesDeps,
  request: ObjectRequest,
  locator: Locator,
  path: string,
): Promise<void> {
  const { hotkey, digest } = request;
  if (locator.kind === 'axon') {
    const neuron = (await deps.chain.metagraph(deps.netuid)).find((item) => item.hotkey === hotkey);
    if (neuron?.axon) return await fromPeer(deps, request, { ...neuron, axon: neuron.axon }, path);
    throw new SeineError('NoAxon', `${hotkey} serves no axon`, { remedy: 'retry' });
  }
  const url = publicUrl(locator, digest, deps.places);
  const fetch = locator.kind === 'https' ? deps.fetch.stranger : deps.fetch.named;
  await alive(
    () => deps.heartbeat({ fetching: url }),
    () => fetchPublicObjectToFile({ fetch, url, ...boundsOf(request) }, path),
  );
}

/** From the first of the other validators that gives it; false when none does. Each validator asks the others in an order of its own. */
async function fromMirrors(deps: ObjectSourcesDeps, request: ObjectRequest, path: string): Promise<boolean> {
  const { signer } = deps;
  const { hotkey: miner, locator, digest, maxBytes } = request;
  // Without the signal: that the miner's time is over is no reason not to have what others have.
  const wanted = { hotkey: miner, locator, digest, maxBytes };
  const rank = ({ hotkey }: Neuron): string => sha256Hex(`${signer.address}.${digest}.${hotkey}`);
  const others = await otherValidators(deps.chain, deps.netuid, signer.address);
  others.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  for (const other of others) {
    if (other.hotkey === miner) continue;
    try {
      await fromPeer(deps, wanted, other, path);
      return true;
    } catch (error) {
      // Of another validator nothing is known but that it has not helped.
      if (!(error instanceof SeineError)) throw error;
    }
  }
  return false;
}

async function fromPeer(
  deps: ObjectSourcesDeps,
  request: ObjectRequest,
  { hotkey, axon }: ServingNeuron,
  path: string,
): Promise<void> {
  const peer = { base: peerBase(axon), receiver: hotkey, signer: deps.signer, isAllowedAddress: deps.isAllowedPeer };
  await alive(
    () => deps.heartbeat({ fetching: request.digest, from: hotkey }),
    () => fetchObjectToFile({ ...peer, ...boundsOf(request) }, path),
  );
}

/** A slow place is given up, by its rate and by what that rate makes of the object's size. */
function boundsOf({ digest, maxBytes, signal }: ObjectRequest): Omit<PublicObjectOptions, 'fetch' | 'url'> {
  return {
    digest,
    maxBytes,
    timeoutMs: 10_000 + Math.ceil((maxBytes / SLOWEST_BYTES_PER_SECOND) * 1000),
    minBytesPerSecond: SLOWEST_BYTES_PER_SECOND,
    signal,
  };
}
