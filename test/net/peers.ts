import { Keyring } from '@polkadot/keyring';
import type { Signer } from '../../src/core/chain.ts';
import type { SeenIds } from '../../src/net/epistula.ts';

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
