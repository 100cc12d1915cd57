import type { GenesisOptions } from '../../../chain/genesis.ts';
import type { Chain } from '../../commit/chain-port.ts';
import type { Signer } from '../../core/chain.ts';
import { SeineError } from '../../core/errors.ts';
import type { Participant } from './local-keys.ts';

const TAO = 1_000_000_000;

/** Development parameters of the small network: short epochs, so that two of them pass in minutes. */
export const LOCAL_CHAIN = {
  netuid: 1,
  blockMs: 1500,
  tempo: 30,
  fetchDeadlineBlocks: 10,
} as const;

/** Block 0: one subnet, and one account with money. Everybody registers as on any other chain. */
export function localGenesis(coldkey: string): GenesisOptions {
  return {
    endowed: [{ address: coldkey, rao: 100_000 * TAO }],
    sudo: coldkey,
    subnets: [
      {
        netuid: LOCAL_CHAIN.netuid,
        owner: coldkey,
        tempo: LOCAL_CHAIN.tempo,
        commitReveal: false,
        weightsSetRateLimit: 5,
        servingRateLimit: 0,
      },
    ],
  };
}

export interface Registered extends Participant {
  signer: Signer;
  uid: number;
}

/** Registers everybody, stakes on the validators and waits for the epoch that gives them their permits. */
export async function registerAll(
  chain: Chain,
  coldkey: Signer,
  people: readonly (Participant & { signer: Signer })[],
  log: (line: string) => void,
): Promise<Registered[]> {
  const { netuid } = LOCAL_CHAIN;
  for (const { signer, role } of people) {
    await chain.register({ netuid, hotkey: signer.address, signer: coldkey });
    if (role === 'validator') {
      await chain.addStake({ netuid, hotkey: signer.address, rao: BigInt(1000 * TAO), signer: coldkey });
    }
  }
  log('everybody is registered; waiting for the epoch that gives validators their permits');
  for (let waited = 0; waited < 240; waited += 1) {
    const neurons = await chain.metagraph(netuid);
    const registered = people.flatMap((person) => {
      const neuron = neurons.find((item) => item.hotkey === person.signer.address);
      if (neuron === undefined || (person.role === 'validator' && !neuron.validatorPermit)) return [];
      return [{ ...person, uid: neuron.uid }];
    });
    if (registered.length === people.length) return registered;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new SeineError('PermitsMissing', 'no validator permits after two minutes; see the chain log', { exitCode: 3 });
}
