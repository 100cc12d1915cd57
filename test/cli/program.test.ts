import { describe, expect, it } from 'vitest';
import { useCli } from './run.ts';

const { run } = useCli();

const COMMANDS = [
  ['start'],
  ['stack', 'up'],
  ['stack', 'down'],
  ['stack', 'status'],
  ['stack', 'logs'],
  ['doctor'],
  ['init', 'miner'],
  ['init', 'validator'],
  ['miner'],
  ['validator'],
  ['wallet', 'create'],
  ['wallet', 'import'],
  ['wallet', 'show'],
  ['wallet', 'list'],
  ['wallet', 'sign'],
  ['wallet', 'serve'],
  ['subnet', 'list'],
  ['subnet', 'show'],
  ['subnet', 'metagraph'],
  ['subnet', 'permits'],
  ['subnet', 'register'],
  ['subnet', 'serve-axon'],
  ['subnet', 'stake', 'add'],
  ['subnet', 'stake', 'remove'],
  ['job', 'list'],
  ['job', 'add'],
  ['job', 'propose'],
  ['weights', 'show'],
  ['weights', 'check'],
  ['commit', 'list'],
  ['commit', 'show'],
  ['commit', 'status'],
  ['score', 'explain'],
  ['score', 'verify'],
  ['dataset', 'build'],
  ['dataset', 'verify'],
  ['config', 'show'],
];

describe('help', () => {
  it('is what a bare "seine" prints, names every noun once and tells the exit codes', async () => {
    const bare = await run([]);
    expect(bare).toEqual(await run(['--help']));
    expect(bare.exitCode).toBe(0);
    for (const noun of new Set(COMMANDS.map(([noun]) => noun))) {
      expect(bare.stdout.match(new RegExp(`^  ${noun}( |$)`, 'gm')), noun).toHaveLength(1);
    }
    expect(bare.stdout).toContain('3  a part cannot be reached');
    expect(bare.stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  it.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
    'seine %s has a page of its own',
    async (name, words) => {
      const { exitCode, stdout } = await run([...words, '--help']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: seine ${name}\\b`));
      expect(stdout).toContain('--json');
    },
  );

  it.each([
    'miner',
    'validator',
    'wallet sign',
    'subnet register',
    'subnet serve-axon',
    'subnet stake add',
    'subnet stake remove',
    'job add',
    'job propose',
  ])('seine %s can be tried without signing', async (command) => {
    expect((await run([...command.split(' '), '--help'])).stdout).toContain('--dry-run');
  });
});

describe('exit codes', () => {
  it.each([
    ['an unknown command', ['stak']],
    ['an unknown verb', ['stack', 'upp']],
    ['a noun without its verb', ['stack']],
    ['an unknown option', ['doctor', '--fast']],
    ['an option without its value', ['commit', 'list', '--blocks']],
    ['a number out of range', ['commit', 'list', '--blocks', '0']],
    ['a missing argument', ['dataset', 'verify']],
    ['a URL that is not http(s)', ['start', 'ftp://example.org']],
    ['a text that is no address', ['commit', 'show', '5Short']],
    ['a setting without a value', ['config', 'show', '--set', 'netuid']],
    ['a misspelt setting', ['config', 'show', '--set', 'netuit=1']],
    ['a folder that is no dataset', ['dataset', 'verify', '.']],
    ['a recipe that is not there', ['dataset', 'build', 'out', '--recipe', 'none.json']],
    ['a wallet that is not there', ['commit', 'status']],
    ['an amount of nothing', ['subnet', 'stake', 'add', '0']],
    ['an amount of more than 9 decimals', ['subnet', 'stake', 'add', '0.1234567891']],
    ['a name in place of an IP address', ['subnet', 'serve-axon', '--ip', 'example.org', '--port', '1']],
    ['a date that is none', ['commit', 'list', '--since', 'yesterday']],
    ['a source, which only an index knows', ['commit', 'list', '--source', 'web']],
  ])('2 for %s', async (_, args) => {
    const { exitCode, stderr, stdout } = await run(args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
  });

  it('3 where the chain does not answer', async () => {
    const { exitCode, stderr } = await run(['commit', 'list'], {
      SUBTENSOR_ENDPOINT: 'ws://127.0.0.1:1',
      SEINE_SUBTENSOR_PATIENCE_MS: '200',
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('ws://127.0.0.1:1');
    expect(stderr).toContain('seine doctor');
  });

  it('3 where no stack is up', async () => {
    const { exitCode, stdout } = await run(['stack', 'status']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('seine stack up');
  });
});

describe('errors', () => {
  it('guess what a misspelt command meant', async () => {
    expect((await run(['stak'])).stderr).toBe("error: unknown command 'stak'\n(Did you mean stack?)\n");
  });

  it('guess what a misspelt setting meant', async () => {
    const { stderr } = await run(['config', 'show'], { SEINE_MINER_PROT: '1' });
    expect(stderr).toContain('SEINE_MINER_PROT (environment): no such setting; did you mean SEINE_MINER_PORT?');
  });

  it('are one JSON value on standard output with --json', async () => {
    const { stdout, stderr, exitCode } = await run(['config', 'show', '--json', '--set', 'miner.prt=1']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      error: {
        name: 'SettingsInvalid',
        message: expect.stringContaining('did you mean miner.port?') as string,
        details: { problems: [{ key: 'miner.prt', place: '--set', why: 'no such setting; did you mean miner.port?' }] },
      },
    });
    expect(JSON.parse((await run(['--json', 'stak'])).stdout)).toMatchObject({ error: { name: 'Usage' } });
  });
});
