import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeSettings } from '../../src/config/describe.ts';
import { environmentOf } from '../../src/config/environment.ts';
import { SettingsInvalid, type SettingProblem } from '../../src/config/errors.ts';
import { loadSettings, type LoadOptions } from '../../src/config/load.ts';
import { SETTING_NAMES, settingOf } from '../../src/config/table.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'seine settings '));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

function load(options: Partial<LoadOptions> = {}) {
  return loadSettings({ env: { HOME: '/home/ada' }, cwd, ...options });
}

function writeToml(text: string): string {
  const file = join(cwd, 'own.toml');
  writeFileSync(file, text);
  return file;
}

function problemsOf(options: Partial<LoadOptions>): readonly SettingProblem[] {
  try {
    load(options);
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('the table', () => {
  it('has one environment name a setting, and defaults that its own parsers take', () => {
    const variables = SETTING_NAMES.map((name) => settingOf(name).env);
    expect(new Set(variables).size).toBe(variables.length);
    const { values, origins } = load();
    expect(Object.keys(values).sort()).toEqual([...SETTING_NAMES].sort());
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  });
});

describe('where a value comes from', () => {
  const toml = 'netuid = 3\n[miner]\nport = 1000\nbatch_pages = 5\nschedule_seconds = 60\n';

  it('takes the flag before the environment, the file and the default, and says which it was', () => {
    const settings = load({
      env: { SEINE_MINER_PORT: '2000', SEINE_MINER_BATCH_PAGES: '6' },
      file: writeToml(toml),
      overrides: { 'miner.port': '3000' },
    });
    expect(settings.values['miner.port']).toBe(3000);
    expect(settings.values['miner.batch_pages']).toBe(6);
    expect(settings.values['miner.schedule_seconds']).toBe(60);
    expect(settings.values['miner.locator']).toBe('');
    const from = settings.origins;
    expect([
      from['miner.port'],
      from['miner.batch_pages'],
      from['miner.schedule_seconds'],
      from['miner.locator'],
    ]).toEqual(['flag', 'env', 'file', 'default']);
  });

  it('reads <home>/seine.toml where no file is named', () => {
    writeFileSync(join(cwd, 'seine.toml'), 'netuid = 9');
    expect(load({ env: { SEINE_HOME: '.' } }).values.netuid).toBe(9);
    expect(load().values.netuid).toBe(1);
  });

  it('counts an empty variable as not set', () => {
    expect(load({ env: { SEINE_NETUID: '', SEINE_ANYTHING: '' } }).origins.netuid).toBe('default');
  });

  it('starts relative paths at the file that names them, and ~ at the home folder', () => {
    const { values } = load({ file: writeToml('[wanted]\nfile = "jobs.json"\n') });
    expect(values['wanted.file']).toBe(join(cwd, 'jobs.json'));
    expect(values['wallet.path']).toBe('/home/ada/.bittensor/wallets');
  });

  it('gives both Redis roles what redis.url says, unless they have their own', () => {
    const { values, origins } = load({ env: { REDIS_URL: 'redis://one:1', REDIS_STATE_URL: 'redis://two:2' } });
    expect(values['redis.index_url']).toBe('redis://one:1');
    expect(origins['redis.index_url']).toBe('env');
    expect(values['redis.state_url']).toBe('redis://two:2');
  });

  it('takes addresses of a running stack only where a person names none', () => {
    const stack = { 'redis.index_url': 'redis://127.0.0.1:1', 'temporal.address': '127.0.0.1:2' };
    const settings = load({ env: { REDIS_URL: 'redis://mine:6379' }, stack });
    expect(settings.values['redis.index_url']).toBe('redis://mine:6379');
    expect(settings.values['temporal.address']).toBe('127.0.0.1:2');
    expect(settings.origins['temporal.address']).toBe('stack');
  });

  it('knows the networks by name', () => {
    const endpoints = (text: string) => load({ env: { SUBTENSOR_ENDPOINT: text } }).values['subtensor.endpoint'];
    expect(endpoints('local')).toEqual(['ws://127.0.0.1:9944']);
    expect(endpoints('local, ws://127.0.0.1:1')).toEqual(['ws://127.0.0.1:9944', 'ws://127.0.0.1:1']);
  });

  it('takes lists from TOML and from text with commas', () => {
    const urls = ['http://a/1', 'http://b/2'];
    expect(load({ env: { SEINE_MINER_SEEDS: urls.join(', ') } }).values['miner.seeds']).toEqual(urls);
    const file = writeToml(`[miner]\nseeds = ${JSON.stringify(urls)}\n`);
    expect(load({ file }).values['miner.seeds']).toEqual(urls);
  });

  it('gives values that nobody can change', () => {
    const { values } = load();
    expect(() => Object.assign(values, { netuid: 2 })).toThrow(TypeError);
  });
});

describe('what is wrong', () => {
  it('reports everything at once, and guesses what a misspelt name meant', () => {
    const problems = problemsOf({
      env: { SEINE_NETUIDS: '1', SEINE_MINER_PORT: '70000', TEMPORAL_TLS: 'maybe' },
      file: writeToml('netuid = "one"\ncolour = "blue"\n[redis]\nindex_ulr = "redis://x"\n'),
      overrides: { 'miner.prt': '1' },
    });
    const found = Object.fromEntries(problems.map(({ key, why }) => [key, why]));
    expect(found).toEqual({
      'miner.prt': 'no such setting; did you mean miner.port?',
      SEINE_NETUIDS: 'no such setting; did you mean SEINE_NETUID?',
      colour: 'no such setting',
      'redis.index_ulr': 'no such setting; did you mean redis.index_url?',
      'temporal.tls': 'should be true or false, got "maybe"',
      'miner.port': 'should be a whole number from 0 to 65535, got "70000"',
      netuid: 'should be a whole number from 0 to 65535, got "one"',
    });
  });

  it('says a wrong redis.url once', () => {
    const problems = problemsOf({ env: { REDIS_URL: 'http://x' } });
    expect(problems.map(({ key }) => key)).toEqual(['redis.url']);
  });

  it.each([
    ['not TOML', 'netuid = ', /line 1/],
    ['home in the file', 'home = "/elsewhere"', /SEINE_HOME/],
    ['a table where a value belongs', '[netuid]\nx = 1', /no such setting/],
    ['an empty path', '[wanted]\nfile = 5', /should be text/],
  ])('refuses %s', (_, toml, message) => {
    expect(() => load({ file: writeToml(toml) })).toThrow(message);
  });

  it('refuses a named file that is not there', () => {
    expect(() => load({ file: join(cwd, 'none.toml') })).toThrow(/none\.toml.*cannot be read/);
  });

  it('tells the file and the environment of its troubles together', () => {
    const problems = problemsOf({ file: writeToml('netuid = '), env: { SEINE_MINER_PORT: 'x' } });
    expect(problems).toHaveLength(2);
  });

  it('allows development settings in development only', () => {
    const seed = { 'wallet.dev_seed': '//Alice' };
    expect(() => load({ overrides: seed })).toThrow(/wallet\.dev_seed.*dev\.enabled/);
    expect(load({ overrides: { ...seed, 'dev.enabled': 'true' } }).values['wallet.dev_seed']?.reveal()).toBe('//Alice');
    expect(() => load({ env: { SEINE_DEV_COPIER: '1' } })).toThrow(/dev\.copier/);
  });
});

describe('secrets', () => {
  const secret = 'the-hidden-word';
  const env = {
    TEMPORAL_API_KEY: secret,
    SEINE_WALLET_DEV_SEED: `//${secret}`,
    SEINE_DEV: 'true',
    REDIS_URL: `redis://user:${secret}@redis:6379/0`,
  };

  it('are not in what is described, and secret settings not in what is printed or serialized', () => {
    const settings = load({ env });
    expect(JSON.stringify(describeSettings(settings))).not.toContain(secret);
    expect(describeSettings(settings).find(({ name }) => name === 'redis.url')?.value).toBe(
      'redis://[secret]@redis:6379/0',
    );
    const key = settings.values['temporal.api_key'];
    expect(
      [inspect(key), JSON.stringify(key), `${String(key)}`, inspect(settings.values['wallet.dev_seed'])].join(),
    ).not.toContain(secret);
    expect(key?.reveal()).toBe(secret);
  });

  it('are not in errors', () => {
    expect(problemsOf({ env: { REDIS_URL: `http://user:${secret}@redis` } })[0]?.why).not.toContain(secret);
    const file = writeToml(`[temporal]\napi_key = "${secret}`);
    expect(inspect(problemsOf({ file }))).not.toContain(secret);
  });
});

describe('lists', () => {
  it('are described as a person writes them, shares of pools too', () => {
    const settings = load({
      env: { SEINE_POOLS: 'data=700000,inference=300000', SUBTENSOR_ENDPOINT: 'ws://a,ws://b' },
    });
    const valueOf = (name: string) => describeSettings(settings).find((item) => item.name === name)?.value;
    expect(valueOf('parameters.pools')).toEqual(['data=700000', 'inference=300000']);
    expect(valueOf('subtensor.endpoint')).toEqual(['ws://a', 'ws://b']);
  });
});

describe('environmentOf', () => {
  it('gives parts what the file and flags say under the environment names, beside the environment itself', () => {
    const toml = '[redis]\nurl = "redis://mine:1"\n[temporal]\napi_key = "k"\n';
    const settings = load({ env: {}, file: writeToml(toml), overrides: { netuid: '4' } });
    const env = environmentOf(settings, { PATH: '/bin' });
    expect(env).toMatchObject({ PATH: '/bin', REDIS_URL: 'redis://mine:1', TEMPORAL_API_KEY: 'k', SEINE_NETUID: '4' });
    expect(env).not.toHaveProperty('SUBTENSOR_ENDPOINT');
  });

  it('reads back as the same settings', () => {
    const lists = { 'miner.seeds': 'http://a/1,http://b/2', 'parameters.pools': 'data=700000,inference=300000' };
    const overrides = { ...lists, 'temporal.tls': 'true', 'miner.schedule_runs': '2' };
    const settings = load({ overrides });
    expect(load({ env: environmentOf(settings, { HOME: '/home/ada' }) }).values).toEqual(settings.values);
  });
});
