import type { Beacon } from '../../core/drand/beacon.ts';
import type { View } from './storage.ts';

interface BeaconConfig {
  publicKey: string;
  period: number;
  genesisTime: number;
}

/** The beacon that the chain reveals by, as its Drand pallet has it. */
export async function readBeacon(view: View): Promise<Beacon> {
  const config = (await view.get('drand', 'beaconConfig')) as BeaconConfig;
  return {
    publicKey: Uint8Array.from(Buffer.from(config.publicKey.replace(/^0x/, ''), 'hex')),
    genesisSeconds: Number(config.genesisTime),
    periodSeconds: Number(config.period),
  };
}
