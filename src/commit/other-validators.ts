import type { Chain, Neuron } from './chain-port.ts';

export type ServingNeuron = Neuron & { axon: NonNullable<Neuron['axon']> };

/** The validators with a permit that serve, other than this one, by uid. @param self SS58 address */
export async function otherValidators(
  chain: Pick<Chain, 'metagraph'>,
  netuid: number,
  self: string,
): Promise<ServingNeuron[]> {
  return (await chain.metagraph(netuid)).filter(
    (neuron): neuron is ServingNeuron => neuron.validatorPermit && neuron.axon !== null && neuron.hotkey !== self,
  );
}
