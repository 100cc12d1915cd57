import { Keyring } from '@polkadot/keyring';
import type { Signer } from '../../src/core/chain.ts';
import type { SeenIds } from '../../src/net/epistula.ts';
import type { SynapseNonces } from '../../src/net/synapse-nonces.ts';

/** A signer from a development seed; `cryptoWaitReady` first. */
export function signerOf(uri: string): Signer {
  const pair = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(uri);
  return { address: pair.address, sign: (message) => pair.sign(message) };
}

export function memorySeenIds(): SeenIds {
  const used = new Set<string>();
  return {
    firstUse: (id) => {
      const first = !used.has(id);
      used.add(id);
      return Promise.resolve(first);
    },
  };
}

export function memoryNonces(): SynapseNonces {
  const highest = new Map<string, bigint>();
  return {
    advance: (endpoint, nonce) => {
      const isHigher = nonce > (highest.get(endpoint) ?? 0n);
      if (isHigher) highest.set(endpoint, nonce);
      return Promise.resolve(isHigher);
    },
  };
}
