import { openDevelopmentKey, openWallet } from '../commit/keys/wallet.ts';
import type { Settings } from '../config/load.ts';
import type { Signer } from '../core/chain.ts';

/** The hotkey that the settings name: of a development seed where one is set, else of the wallet. */
export async function hotkeyOf({ values }: Settings): Promise<Signer> {
  const seed = values['wallet.dev_seed'];
  if (seed !== null) return await openDevelopmentKey({ uri: seed.reveal(), development: values['dev.enabled'] });
  const { hotkey } = await openWallet({
    path: values['wallet.path'],
    name: values['wallet.name'],
    hotkey: values['wallet.hotkey'],
  });
  return hotkey;
}
