import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { signatureVerify } from '@polkadot/util-crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey, listWallets, openColdkey, openWallet } from '../../../src/commit/keys/wallet.ts';
import { readParts } from '../../../stack/parts.ts';

// The folder that bittensor-wallet of Python wrote; see its README.md. Each opening of an encrypted key takes seconds, on purpose.
const FIXTURES = fileURLToPath(new URL('../../fixtures/wallets', import.meta.url));
const ADDRESS = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const LIMIT_MS = 120_000;

let path: string;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'seine-wallets-'));
  await cp(FIXTURES, path, { recursive: true });
});
afterAll(() => rm(path, { recursive: true, force: true }));

const locked = () => ({ path, name: 'python', hotkey: 'locked' });
const password = (text: string) => () => Promise.resolve(text);

describe('a wallet written by Python', () => {
  it(
    'opens with its password, and signs for its address',
    async () => {
      const { hotkey, coldkeyAddress } = await openWallet(locked(), password('correct horse'));
      expect([hotkey.address, coldkeyAddress]).toEqual([ADDRESS, ADDRESS]);
      const signature = await hotkey.sign(Buffer.from('hello'));
      expect(signatureVerify('hello', signature, ADDRESS).isValid).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    'is refused with another password, which no error carries',
    async () => {
      const error: unknown = await openColdkey(locked(), password('wrong horse')).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        name: 'WalletUnusable',
        message: expect.stringContaining('not its own') as string,
      });
      expect(inspect(error, { depth: 9 })).not.toContain('horse');
    },
    LIMIT_MS,
  );

  it('says how to give the password where none is given', async () => {
    await expect(openWallet(locked())).rejects.toThrow(/SEINE_WALLET_PASSWORD/);
  });

  it('opens where the file has the expanded secret only', async () => {
    const { hotkey } = await openWallet({ path, name: 'python', hotkey: 'default' });
    expect(hotkey.address).toBe(ALICE);
    expect(signatureVerify('hello', await hotkey.sign(Buffer.from('hello')), ALICE).isValid).toBe(true);
  });

  it('is refused where the expanded secret is of another address, or the key is no sr25519 one', async () => {
    const file = join(path, 'python', 'hotkeys', 'default');
    const fields = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    for (const [name, change, message] of [
      ['other', { ss58Address: ADDRESS }, /not that of its address/],
      ['edwards', { cryptoType: 0 }, /crypto type 0/],
    ] as const) {
      await mkdir(join(path, 'changed', 'hotkeys'), { recursive: true });
      await writeFile(join(path, 'changed', 'hotkeys', name), JSON.stringify({ ...fields, ...change }));
      await expect(openWallet({ path, name: 'changed', hotkey: name })).rejects.toThrow(message);
    }
  });

  it('is listed unopened', async () => {
    const wallet = (await listWallets(path)).find(({ name }) => name === 'python');
    expect(wallet?.coldkey).toMatchObject({ address: ADDRESS, protection: 'nacl' });
    expect(wallet?.hotkeys).toMatchObject([
      { name: 'default', address: ALICE, protection: 'none' },
      { name: 'locked', address: null, protection: 'nacl' },
    ]);
  });
});

describe('an encrypted key of ours', () => {
  it(
    'opens again, holds no secret in the open, and is what Python reads',
    async () => {
      const location = { path, name: 'ours', hotkey: 'default' };
      const made = await createKey({ location, which: 'coldkey', password: 'battery staple' });
      const file = await readFile(made.path);
      expect(file.subarray(0, 5).toString()).toBe('$NACL');
      expect(file.toString('latin1')).not.toContain(made.phrase?.split(' ')[0]);
      expect((await openColdkey(location, password('battery staple'))).address).toBe(made.address);
      const judge = await pythonReads(made.path, 'battery staple');
      if (judge !== null) expect(judge).toBe(made.address);
    },
    LIMIT_MS,
  );
});

/** The address that bittensor-wallet of Python finds in the file; null where that package is not installed. */
async function pythonReads(file: string, word: string): Promise<string | null> {
  const script = fileURLToPath(new URL('../../judges/read_key_file.py', import.meta.url));
  const env = { ...process.env, PYTHONPATH: readParts().python?.packages };
  const { stdout } = await promisify(execFile)('python3', [script, file, word], { env });
  // The wallet prints what it does before.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as string | null;
}
