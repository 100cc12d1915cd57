import { once } from 'node:events';
import { WebSocket } from 'ws';
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

/** Registers everybody, stakes on the validators, and passes the epoch that gives these their permits; blocks come at once meanwhile. */
export async function registerAll(
  chain: Chain,
  coldkey: Signer,
  people: readonly (Participant & { signer: Signer })[],
  hurry: (blocks: number) => Promise<void>,
): Promise<Registered[]> {
  const { netuid } = LOCAL_CHAIN;
  const ticking = setInterval(() => void hurry(1).catch(() => undefined), 200);
  try {
    await register(chain, coldkey, people);
  } finally {
    clearInterval(ticking);
  }
  await hurry(LOCAL_CHAIN.tempo + 1);
  const neurons = await chain.metagraph(netuid);
  return people.map((person) => {
    const neuron = neurons.find((item) => item.hotkey === person.signer.address);
    if (neuron === undefined || (person.role === 'validator' && !neuron.validatorPermit)) {
      throw new SeineError(
        'PermitMissing',
        `${person.name} has no place or permit after an epoch; see the chain's log`,
      );
    }
    return { ...person, uid: neuron.uid };
  });
}

async function register(
  chain: Chain,
  coldkey: Signer,
  people: readonly (Participant & { signer: Signer })[],
): Promise<void> {
  const { netuid } = LOCAL_CHAIN;
  for (const { signer, role } of people) {
    await chain.register({ netuid, hotkey: signer.address, signer: coldkey });
    if (role === 'validator') {
      await chain.addStake({ netuid, hotkey: signer.address, rao: BigInt(1000 * TAO), signer: coldkey });
    }
  }
}

/** Has the development chain build blocks at once. */
export async function hurryChain(endpoint: string, blocks: number): Promise<void> {
  const socket = new WebSocket(endpoint);
  try {
    await once(socket, 'open');
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'dev_newBlock', params: [{ count: blocks }] }));
    const [answer] = (await once(socket, 'message')) as [Buffer];
    const { error } = JSON.parse(answer.toString()) as { error?: { message: string } };
    if (error !== undefined)
      throw new SeineError('ChainRefused', `the chain builds no blocks on demand: ${error.message}`);
  } finally {
    socket.close();
  }
}
