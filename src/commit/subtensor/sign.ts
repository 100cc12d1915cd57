import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { BlockRef, Signer } from '../../core/chain.ts';

/** Blocks that an extrinsic may wait for its inclusion. */
const LIFETIME_BLOCKS = 64;

/** Marks a signature as sr25519 in a MultiSignature. */
const SR25519 = 1;

/** Signs an extrinsic that is valid for the 64 blocks after `birth`, and gives it in hex with the last of those blocks. */
export function signExtrinsic(
  api: ApiPromise,
  extrinsic: SubmittableExtrinsic<'promise'>,
  options: { signer: Signer; nonce: number; birth: BlockRef },
): { hex: string; until: number } {
  const { signer, nonce, birth } = options;
  const publicKey = api.registry.createType('AccountId', signer.address).toU8a();
  const pair = {
    address: signer.address,
    addressRaw: publicKey,
    publicKey,
    sign: (message: Uint8Array): Uint8Array => Uint8Array.of(SR25519, ...signer.sign(message)),
  };
  extrinsic.sign(pair, {
    era: api.registry.createType('ExtrinsicEra', { current: birth.number, period: LIFETIME_BLOCKS }),
    blockHash: birth.hash,
    genesisHash: api.genesisHash,
    runtimeVersion: api.runtimeVersion,
    signedExtensions: api.registry.signedExtensions,
    nonce,
    tip: 0,
  });
  return { hex: extrinsic.toHex(), until: birth.number + LIFETIME_BLOCKS };
}
