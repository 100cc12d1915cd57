import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cryptoWaitReady, signatureVerify } from '@polkadot/util-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { signerFromSecret } from '../../src/commit/keys/key-pair.ts';
import { cloneRoot, readParts } from '../../stack/parts.ts';

/** Everybody's: the mnemonic of Substrate's development accounts. */
const PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';

interface Judged {
  address: string;
  accepts: boolean;
  signature: string;
}

/** Asks bittensor-wallet. */
function judge(keys: { uri: string; message: string; signature: string }[]): Judged[] {
  const output = execFileSync('python3', [join(cloneRoot, 'test', 'judges', 'keypair.py')], {
    input: JSON.stringify({ keys }),
    env: { ...process.env, PYTHONPATH: readParts().python?.packages ?? process.env['PYTHONPATH'] },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return JSON.parse(output) as Judged[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

beforeAll(() => cryptoWaitReady());

describe("Bittensor's own wallet library", () => {
  it('has the same addresses, accepts our signatures and signs what we accept', async () => {
    const asked = await Promise.all(
      ['//Alice', '//Alice//hard', '//Seine/soft', PHRASE].map(async (uri, at) => {
        const signer = await signerFromSecret(uri);
        const message = Buffer.alloc(300 * at + 1, at);
        return { uri, signer, message, signature: await signer.sign(message) };
      }),
    );
    const answers = judge(
      asked.map(({ uri, message, signature }) => ({ uri, message: hex(message), signature: hex(signature) })),
    );
    expect(answers).toHaveLength(asked.length);
    for (const [at, { signer, message }] of asked.entries()) {
      expect(answers[at]).toMatchObject({ address: signer.address, accepts: true });
      const theirs = Buffer.from(answers[at]?.signature ?? '', 'hex');
      expect(signatureVerify(message, theirs, signer.address).isValid).toBe(true);
    }
  });

  it('does not accept the signature of another message', async () => {
    const signer = await signerFromSecret('//Alice');
    const signature = hex(await signer.sign(Buffer.from('one')));
    expect(judge([{ uri: '//Alice', message: hex(Buffer.from('two')), signature }])[0]?.accepts).toBe(false);
  });
});
