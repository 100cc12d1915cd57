import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureVerify } from '@polkadot/util-crypto';
import { describe, expect, it } from 'vitest';
import { startSignerServer } from '../../src/commit/keys/signer-server.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { useCli, type Ran } from './run.ts';

const { run, folder } = useCli();

// The public development mnemonic of Substrate, and its seed.
const PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const SEED = '0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e';
const ADDRESS = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

const keyFile = (...parts: string[]): string => join(folder(), '.bittensor', 'wallets', ...parts);
const json = ({ stdout }: Ran): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

describe('seine wallet create and import', () => {
  it('write keys for their owner alone, and never over one that is there', async () => {
    const made = await run(['wallet', 'create', '--json']);
    expect(made.exitCode).toBe(0);
    const file = keyFile('default', 'hotkeys', 'default');
    expect(json(made)).toMatchObject({ key: 'hotkey', file, encrypted: false });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file);
    for (const args of [['create'], ['import']]) {
      const again = await run(['wallet', ...args], {}, { piped: PHRASE });
      expect(again.exitCode).toBe(2);
      expect(again.stderr).toContain('never overwritten');
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('write the mnemonic where it is asked for, once, and import it again', async () => {
    const made = await run(['wallet', 'create', 'coldkey', '--no-encrypt', '--backup', 'words.txt', '--json']);
    const words = readFileSync(join(folder(), 'words.txt'), 'utf8');
    expect(statSync(join(folder(), 'words.txt')).mode & 0o777).toBe(0o600);
    const again = await run(
      ['wallet', 'import', 'coldkey', '--wallet', 'again', '--no-encrypt', '--json'],
      {},
      { piped: words },
    );
    expect(json(again)['address']).toBe(json(made)['address']);
    expect(existsSync(keyFile('again', 'coldkeypub.txt'))).toBe(true);
  });

  it.each([
    ['a mnemonic', PHRASE],
    ['a seed', SEED],
  ])('import %s, typed or piped', async (_, secret) => {
    for (const input of [{ piped: `${secret}\n` }, { typed: [` ${secret} `] }]) {
      const name = 'piped' in input ? 'piped' : 'typed';
      const made = await run(['wallet', 'import', '--wallet', name, '--json'], {}, input);
      expect(json(made)).toMatchObject({ address: ADDRESS });
    }
  });

  it.each([
    ['no mnemonic', { piped: '' }, []],
    ['a wrong one', { piped: 'bottom drive obey' }, []],
    ['a coldkey without a password', { piped: PHRASE }, ['coldkey']],
    ['too short a password', { typed: [PHRASE, 'short'] }, ['coldkey']],
    ['two passwords that differ', { typed: [PHRASE, 'long enough', 'long enuff'] }, ['coldkey']],
  ])('refuse %s, and write nothing', async (_, input, args) => {
    const { exitCode, stderr } = await run(['wallet', 'import', ...args], {}, input);
    expect(exitCode).toBe(2);
    expect(stderr).not.toContain('bottom');
    expect(existsSync(keyFile('default'))).toBe(false);
  });
});

describe('seine wallet show and list', () => {
  it('tell addresses without opening a key', async () => {
    mkdirSync(keyFile('other', 'hotkeys'), { recursive: true });
    writeFileSync(keyFile('other', 'hotkeys', 'sealed'), '$NACL and then some');
    writeFileSync(keyFile('other', 'coldkeypub.txt'), JSON.stringify({ ss58Address: ALICE }));
    await run(['wallet', 'import'], {}, { piped: PHRASE });
    expect(json(await run(['wallet', 'show', '--json']))).toMatchObject({ hotkey: ADDRESS, hotkey_from: 'wallet' });
    const listed = await run(['wallet', 'list']);
    expect(listed.stdout).toMatch(new RegExp(`default +default +${ADDRESS} +not encrypted`));
    expect(listed.stdout).toMatch(/other +sealed +not told +encrypted/);
    const named = json(await run(['wallet', 'show', '--wallet', 'other', '--hotkey', 'sealed', '--json']));
    expect(named).toMatchObject({ coldkey: ALICE, hotkey: null });
    expect((await run(['wallet', 'show', '--wallet', 'nobody'])).exitCode).toBe(2);
  });
});

describe('where the hotkey comes from', () => {
  it('is the environment, a signer process, or the wallet; never two at once', async () => {
    const socketPath = join(folder(), 'signer.sock');
    const signer = await openDevelopmentKey({ uri: '//Alice', development: true });
    const server = await startSignerServer({
      signer,
      listen: { socketPath, groupMaySign: false },
      log: () => undefined,
    });
    try {
      const env = { SEINE_WALLET_SECRET: PHRASE };
      expect(json(await run(['wallet', 'show', '--json'], env))).toMatchObject({
        hotkey: ADDRESS,
        hotkey_from: 'secret',
      });
      const outside = { SEINE_WALLET_SIGNER_URL: `unix:${socketPath}` };
      expect(json(await run(['wallet', 'show', '--json'], outside))).toMatchObject({
        hotkey: ALICE,
        hotkey_from: 'signer',
      });
      const signed = json(await run(['wallet', 'sign', 'hello', '--json'], outside));
      expect(signatureVerify('hello', signed['signature'] as string, ALICE).isValid).toBe(true);
      const both = await run(['wallet', 'show'], { ...env, ...outside });
      expect(both.exitCode).toBe(2);
      expect(both.stderr).toContain('wallet.secret, wallet.signer_url');
    } finally {
      await server.close();
    }
  });

  it('is unreachable, exit code 3, where the signer is away', async () => {
    const env = { SEINE_WALLET_SIGNER_URL: `unix:${join(folder(), 'nobody.sock')}` };
    expect((await run(['wallet', 'sign', 'hello'], env)).exitCode).toBe(3);
  });
});

describe('seine wallet sign', () => {
  it('signs the very bytes, or says what it would sign', async () => {
    await run(['wallet', 'import'], {}, { piped: PHRASE });
    const signed = await run(['wallet', 'sign', '0x68656c6c6f']);
    expect(signatureVerify('hello', signed.stdout.trim(), ADDRESS).isValid).toBe(true);
    const dry = json(await run(['wallet', 'sign', 'hello', '--dry-run', '--json']));
    expect(dry).toEqual({ address: ADDRESS, payload: '0x68656c6c6f', signature: null });
  });
});

describe('no output shows a secret', () => {
  const PASSWORD = 'hush-hush-password';
  const WEBHOOK = 'https://hooks.example/services/hush-hush-token';
  const SECRETS = [
    ...PHRASE.split(' ')
      .slice(0, 4)
      .map((word) => ` ${word} `),
    SEED.slice(2),
    'hush-hush',
  ];
  const env = { SEINE_WALLET_SECRET: PHRASE, SEINE_WALLET_PASSWORD: PASSWORD, SEINE_ALERTS_WEBHOOK_URL: WEBHOOK };
  const away = { SUBTENSOR_ENDPOINT: 'ws://127.0.0.1:1', SEINE_SUBTENSOR_PATIENCE_MS: '200' };

  it.each([
    ['config show'],
    ['wallet show'],
    ['wallet list'],
    ['wallet sign hello'],
    ['wallet sign hello --dry-run'],
    ['wallet create --wallet new'],
    ['wallet import --wallet old'],
    ['subnet register --dry-run'],
    ['subnet stake add 1 --yes'],
    ['subnet serve-axon --ip 192.0.2.1 --port 1'],
    ['commit status'],
    ['weights check'],
    ['miner --dry-run'],
    ['validator --dry-run'],
  ])('seine %s', async (command) => {
    for (const flags of [[], ['--json'], ['--verbose']]) {
      const { stdout, stderr } = await run([...command.split(' '), ...flags], { ...env, ...away }, { piped: PHRASE });
      expect(stdout + stderr).not.toBe('');
      for (const secret of SECRETS) expect(` ${stdout} ${stderr} `).not.toContain(secret);
    }
  });

  it.each([
    ['a broken mnemonic', { SEINE_WALLET_SECRET: PHRASE.replace('walk', 'wolf') }],
    ['a broken webhook', { SEINE_ALERTS_WEBHOOK_URL: 'hush-hush not a url' }],
    ['a URL as signer', { SEINE_WALLET_SIGNER_URL: 'https://hush-hush@example.org' }],
  ])('nor an error about %s', async (_, wrong) => {
    for (const flags of [[], ['--json'], ['--verbose']]) {
      const { stdout, stderr } = await run(['wallet', 'sign', 'hello', ...flags], wrong);
      expect(stdout + stderr).not.toBe('');
      for (const secret of SECRETS) expect(` ${stdout} ${stderr} `).not.toContain(secret);
    }
  });
});
