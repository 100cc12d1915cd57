import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { GenericSignerPayload } from '@polkadot/types';
import { hexToU8a, u8aConcat } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';
import type { BlockRef, Signer } from '../../core/chain.ts';

/** Blocks that an extrinsic may wait for its inclusion; a power of two, as eras are. */
export const LIFETIME_BLOCKS = 64;

/** Of a longer payload the BLAKE2-256 is signed. */
const MAX_SIGNED_BYTES = 256;

/** Marks a signature as sr25519 in a MultiSignature. */
const SR25519 = 1;

/** Signs an extrinsic that is valid for the 64 blocks from `birth` on, and gives it in hex with the last of those blocks. */
export async function signExtrinsic(
  api: ApiPromise,
  extrinsic: SubmittableExtrinsic<'promise'>,
  options: { signer: Signer; nonce: number; birth: BlockRef },
): Promise<{ hex: string; until: number }> {
  const { signer, nonce, birth } = options;
  const payload = api.registry.createTypeUnsafe<GenericSignerPayload>('SignerPayload', [
    {
      address: signer.address,
      blockHash: birth.hash,
      blockNumber: birth.number,
      era: api.registry.createType('ExtrinsicEra', { current: birth.number, period: LIFETIME_BLOCKS }),
      genesisHash: api.genesisHash,
      method: extrinsic.method,
      nonce,
      runtimeVersion: api.runtimeVersion,
      signedExtensions: api.registry.signedExtensions,
      tip: 0,
      version: extrinsic.version,
    },
  ]);
  const bytes = hexToU8a(payload.toRaw().data);
  const signature = await signer.sign(bytes.length > MAX_SIGNED_BYTES ? blake2AsU8a(bytes, 256) : bytes);
  extrinsic.addSignature(signer.address, u8aConcat([SR25519], signature), payload.toPayload());
  return { hex: extrinsic.toHex(), until: birth.number + LIFETIME_BLOCKS - 1 };
}
