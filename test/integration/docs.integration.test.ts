import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import type { ApiOptions } from '@polkadot/api/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { addressesOf } from '../../src/commit/keys/wallet.ts';
import { cloneRoot } from '../../stack/parts.ts';
import { commandBlocks, tomlBlocks } from '../support/doc-commands.ts';
import { useStack } from '../support/stack.ts';

/*
 * Every command of the set-up guides, typed in their order by somebody with an empty home folder, against the stack's chain, Temporal and Redis.
 * What only happens outside is done here when its time comes: TAO arrive on the coldkey, and epochs pass.
 */

const TAO = 1_000_000_000n;
const LIMIT_MS = 180_000;
const run = promisify(execFile);
let api: ApiPromise;
let provider: WsProvider;

beforeAll(async () => {
  provider = new WsProvider(useStack().chain);
  api = await ApiPromise.create({ provider: provider as NonNullable<ApiOptions['provider']>, noInitWarn: true });
}, 60_000);
afterAll(() => api.disconnect());

describe.each(['miner', 'validator'])('docs/%s.md', (name) => {
  const markdown = readFileSync(join(cloneRoot, 'docs', `${name}.md`), 'utf8');
  const blocks = commandBlocks(markdown);
  let folder: string;
  let env: Record<string, string | undefined>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), `seine-docs-${name}-`));
    for (const part of ['docs', 'src']) symlinkSync(join(cloneRoot, part), join(folder, part));
    const home = join(folder, 'home');
    mkdirSync(home);
    const hosts = ['docs.example'];
    const job = { id: 'docs', source: 'web', seeds: [], hosts, max_pages: 10, weight_ppm: 1_000_000 };
    writeFileSync(join(folder, 'wanted.json'), JSON.stringify({ version: 1, jobs: [job] }));
    const { temporal, redisIndex, redisState, chain, chromium } = useStack();
    env = {
      ...{ HOME: home, PATH: `${join(home, '.local', 'bin')}:${process.env['PATH']}`, TMPDIR: tmpdir() },
      ...{ TEMPORAL_ADDRESS: temporal, REDIS_INDEX_URL: redisIndex, REDIS_STATE_URL: redisState },
      ...{ SUBTENSOR_ENDPOINT: chain, CHROMIUM_PATH: chromium, SEINE_MINER_LISTEN_HOST: '127.0.0.1' },
      // No page is named to start from: pages are what other tests are about.
      ...{ SEINE_WANTED_FILE: join(folder, 'wanted.json'), SEINE_WALLET_PASSWORD: 'a password of the test' },
    };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has commands that are run, and a reason at those that are not', () => {
    expect(blocks.filter(({ notRun }) => notRun === null).length).toBeGreaterThan(5);
    for (const { notRun, commands } of blocks) {
      expect(commands).not.toEqual([]);
      if (notRun !== null) expect(notRun).toMatch(/\w+ \w+/);
      if (notRun === null) for (const command of commands) expect(command).not.toMatch(/sudo|systemctl|pm2|journalctl/);
    }
  });

  it.each(tomlBlocks(markdown).map((text) => [text.split('\n', 1)[0], text]))('settings %s are known', (_, text) => {
    const file = join(folder, 'settings.toml');
    writeFileSync(file, text);
    expect(() => loadSettings({ env: { HOME: folder }, file, cwd: folder })).not.toThrow();
  });

  const runnable = blocks.filter(({ notRun }) => notRun === null);
  it.each(
    runnable.flatMap(({ commands, untilText, line }) => commands.map((command) => ({ command, untilText, line }))),
  )(
    'line $line: $command',
    async ({ command, untilText }) => {
      if (untilText === null) await succeeds(command);
      else await worksUntilStopped(command, untilText);
      if (/^seine wallet create coldkey/.test(command)) await fund();
      if (/^seine subnet stake add .* --yes/.test(command)) await passEpoch();
    },
    LIMIT_MS,
  );

  async function succeeds(command: string): Promise<void> {
    await run('bash', ['-c', command], { cwd: folder, env, timeout: LIMIT_MS }).catch(
      (error: { stdout?: string; stderr?: string; code?: number }) => {
        throw new Error(`${command} ended with ${error.code}\n${error.stdout}\n${error.stderr}`);
      },
    );
  }

  async function worksUntilStopped(command: string, text: string): Promise<void> {
    const child = spawn('bash', ['-c', `exec ${command}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const shown = new Promise<void>((resolve) => {
      const look = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes(text)) resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
    });
    await Promise.race([shown, ended]);
    child.kill('SIGTERM');
    expect([await ended, output]).toEqual([0, expect.stringContaining(text) as string]);
  }

  /** TAO arrive. */
  async function fund(): Promise<void> {
    const path = join(folder, 'home', '.bittensor', 'wallets');
    const { coldkey } = await addressesOf({ path, name: 'default', hotkey: 'default' });
    const alice = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri('//Alice');
    const account = (await api.query['system']?.['account']?.(alice.address))?.toJSON() as { nonce: number };
    const transfer = api.tx['balances']?.['transferKeepAlive']?.(coldkey, 1000n * TAO);
    await transfer?.signAsync(alice, { nonce: account.nonce });
    await api.rpc.author.submitExtrinsic(transfer as NonNullable<typeof transfer>);
    const balance = async (): Promise<bigint> => {
      const held = (await api.query['system']?.['account']?.(coldkey))?.toJSON() as { data: { free: number | string } };
      return BigInt(held.data.free);
    };
    while ((await balance()) === 0n) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** Two epochs of the default chain, so that permits are given and the first weights are not too early. */
  async function passEpoch(): Promise<void> {
    await provider.send('dev_newBlock', [{ count: 41 }]);
  }
});

describe('docs/deploy', () => {
  const deploy = join(cloneRoot, 'docs', 'deploy');
  const units = readdirSync(deploy).filter((name) => name.endsWith('.service'));

  it('has a unit for all that runs unattended', () => {
    expect(units).toEqual(['miner', 'signer', 'stack', 'validator'].map((name) => `seine-${name}.service`));
  });

  it('has units that systemd takes', async ({ skip }) => {
    if ((await run('systemd-analyze', ['--version']).catch(() => null)) === null) skip('systemd is not here');
    const dir = mkdtempSync(join(tmpdir(), 'seine-units-'));
    try {
      cpSync(deploy, dir, { recursive: true });
      // The clone may lie in a folder whose name systemd would have to be given in quotes.
      symlinkSync(cloneRoot, join(dir, 'clone'));
      for (const unit of units) {
        const text = readFileSync(join(dir, unit), 'utf8').replaceAll('/opt/seine', join(dir, 'clone'));
        writeFileSync(join(dir, unit), text);
      }
      const { stderr } = await run('systemd-analyze', ['verify', '--man=no', ...units.map((unit) => join(dir, unit))]);
      expect(stderr.split('\n').filter((line) => line.includes('seine'))).toEqual([]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('has a pm2 file whose programs are there and know their arguments', async () => {
    const { apps } = JSON.parse(readFileSync(join(deploy, 'pm2.config.json'), 'utf8')) as {
      apps: { name: string; script: string; args: string; cwd: string }[];
    };
    expect(apps.map(({ name }) => name)).toEqual(['seine-stack', 'seine-miner', 'seine-validator']);
    for (const { script, args, cwd } of apps) {
      expect(cwd).toBe('/opt/seine');
      const { stdout } = await run(join(cloneRoot, script), [...args.split(' '), '--help']);
      expect(stdout).toContain(`Usage: seine ${args}`);
    }
  });

  it('has a wanted list of the form that is read', () => {
    const list = JSON.parse(readFileSync(join(deploy, 'wanted.example.json'), 'utf8')) as {
      version: number;
      jobs: object[];
    };
    expect(list.version).toBe(1);
    expect(Object.keys(list.jobs[0] ?? {})).toEqual([
      ...['id', 'source', 'seeds', 'hosts', 'allow_private', 'max_pages', 'weight_ppm'],
    ]);
  });
});
