import { Keyring } from '@polkadot/keyring';
import type { GenesisOptions } from './genesis.ts';

/**
 * The chain that starts when nobody says otherwise: subnet 1 with epochs of 20 blocks, owned by //Alice, who is also sudo;
 * //Alice to //Ferdie have a million TAO each.
 */
export function defaultGenesis(): GenesisOptions {
  const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
  const address = (name: string) => keyring.addFromUri(`//${name}`).address;
  const names = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'];
  return {
    endowed: names.map((name) => ({ address: address(name), rao: 1_000_000 * 1_000_000_000 })),
    sudo: address('Alice'),
    subnets: [{ netuid: 1, owner: address('Alice'), tempo: 20, weightsSetRateLimit: 10, servingRateLimit: 0 }],
  };
}
