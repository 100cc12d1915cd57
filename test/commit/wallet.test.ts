import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { signatureVerify } from '@polkadot/util-crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWallet, openColdkey, openDevelopmentKey, openWallet } from '../../src/commit/keys/wallet.ts';

// The mnemonic and address of Substrate's development account, known to everybody.
const PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const ADDRESS = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

let path: string;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'seine-wallets-'));
});
afterAll(() => rm(path, { recursive: true, force: true }));

async function write(name: string, file: string, content: unknown): Promise<string> {
  const target = join(path, name, file);
  await mkdir(join(target, '..'), { recursive: true });
  await writeFile(target, typeof content === 'string' ? content : JSON.stringify(content));
  return target;
}

describe('a wallet folder', () => {
  it('is made, opened and signs', async () => {
    const made = await createWallet({ path, name: 'miner', hotkey: 'default' });
    expect((await stat(made.path)).mode & 0o777).toBe(0o600);
    const wallet = await openWallet({ path, name: 'miner', hotkey: 'default' });
    expect(wallet.hotkey.address).toBe(made.address);
    expect(wallet.coldkeyAddress).toBeNull();
    const message = new TextEncoder().encode('hello');
    const signature = await wallet.hotkey.sign(message);
    expect(signature).toHaveLength(64);
    expect(signatureVerify(message, signature, made.address).isValid).toBe(true);
  });

  it('never shows a secret, printed or as JSON', async () => {
    const { path: file } = await createWallet({ path, name: 'shy', hotkey: 'default' });
    const secrets = JSON.parse(await readFile(file, 'utf8')) as { secretPhrase: string; secretSeed: string };
    const wallet = await openWallet({ path, name: 'shy', hotkey: 'default' });
    const shown = inspect(wallet, { depth: 9, showHidden: true }) + JSON.stringify(wallet);
    expect(shown).toContain(wallet.hotkey.address);
    expect(shown).not.toContain(secrets.secretPhrase.split(' ')[0]);
    expect(shown).not.toContain(secrets.secretSeed.slice(2));
  });

  it('is never overwritten', async () => {
    const { path: file } = await createWallet({ path, name: 'kept', hotkey: 'default' });
    const before = await readFile(file, 'utf8');
    await expect(createWallet({ path, name: 'kept', hotkey: 'default' })).rejects.toThrow(/never overwritten/);
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('opens keys by mnemonic alone, and knows the coldkey', async () => {
    await write('old', 'hotkeys/a', { secretPhrase: PHRASE, secretSeed: null, ss58Address: ADDRESS });
    await write('old', 'coldkeypub.txt', { ss58Address: ALICE });
    await write('old', 'coldkey', { secretPhrase: PHRASE, ss58Address: ADDRESS });
    const wallet = await openWallet({ path, name: 'old', hotkey: 'a' });
    expect(wallet.hotkey.address).toBe(ADDRESS);
    expect(wallet.coldkeyAddress).toBe(ALICE);
    expect((await openColdkey({ path, name: 'old', hotkey: 'a' })).address).toBe(ADDRESS);
  });

  it.each([
    ['an encrypted one', '$NACL\u0000secret', /encrypted/],
    ['one that is not JSON', 'hello', /not a key file/],
    ['a public one', { ss58Address: ALICE }, /no secretSeed/],
    ['one of another address', { ss58Address: ALICE, secretPhrase: PHRASE }, /not that of its address/],
    ['one with a broken mnemonic', { ss58Address: ALICE, secretPhrase: 'bottom drive obey' }, /valid mnemonic/],
  ])('refuses %s without telling what is in it', async (what, content, message) => {
    const hotkey = what.replaceAll(' ', '-');
    await write('bad', `hotkeys/${hotkey}`, content);
    const error: unknown = await openWallet({ path, name: 'bad', hotkey }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'WalletUnusable', message: expect.stringMatching(message) as string });
    expect(inspect(error, { depth: 9 })).not.toContain('bottom drive');
  });

  it('says which file is missing', async () => {
    await expect(openWallet({ path, name: 'none', hotkey: 'x' })).rejects.toThrow(/none\/hotkeys\/x: no such key file/);
  });

  it('stays in its folder', async () => {
    await expect(openWallet({ path, name: '..', hotkey: 'x' })).rejects.toThrow(/not the name/);
    await expect(createWallet({ path, name: 'a', hotkey: '../../x' })).rejects.toThrow(/not the name/);
  });
});

describe('development keys', () => {
  it('are there in development only', async () => {
    expect((await openDevelopmentKey({ uri: '//Alice', development: true })).address).toBe(ALICE);
    await expect(openDevelopmentKey({ uri: '//Alice', development: false })).rejects.toThrow(/only development/);
    await expect(openDevelopmentKey({ uri: PHRASE, development: true })).rejects.toThrow(/not a URI/);
  });
});
