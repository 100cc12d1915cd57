import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { commandBlocks, tomlBlocks } from '../support/doc-commands.ts';
import { useCli } from './run.ts';

const { folder, run } = useCli();
const docs = join(process.cwd(), 'docs');

describe('seine task', () => {
  it('lists the tasks that ship, and those of a file', async () => {
    const shipped = await run(['task', 'list', '--json']);
    expect(shipped.exitCode).toBe(0);
    expect(JSON.parse(shipped.stdout)).toHaveLength(22);
    const file = join(docs, 'inference', 'tasks.toml');
    const own = await run(['task', 'list'], { SEINE_INFERENCE_TASKS_FILE: file });
    expect(own.stdout).toMatch(/any-picture +text-to-image +open +10\.5263 /);
    expect(own.stdout).not.toContain('avatar');
  });

  it('shows one, and suggests where there is none', async () => {
    const shown = await run(['task', 'show', 'avatar']);
    expect(shown.stdout).toMatch(/step 3 +upscale by esrgan-v1-x2plus/);
    const none = await run(['task', 'show', 'avtar']);
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('did you mean avatar?') as string]);
  });

  it('says everything that is wrong with a file, of either kind', async () => {
    writeFileSync(
      join(folder(), 'tasks.toml'),
      'version = 1\n[[tasks]]\nname = "a b"\nkind = "chat"\nweight_ppm = -1\n',
    );
    const tasks = await run(['task', 'check', 'tasks.toml']);
    expect(tasks.exitCode).toBe(2);
    for (const place of ['tasks[0].name', 'tasks[0].weight_ppm', 'tasks[0].model']) {
      expect(tasks.stderr).toContain(place);
    }
    const url = 'http://127.0.0.1:8000/v1';
    const serve = [
      { task: 'Gema7b', volume: 1, backend: { kind: 'openai', url } },
      { task: 'FluxSchnell', volume: 1, backend: { kind: 'embedded', model_file: 'x' } },
    ];
    writeFileSync(join(folder(), 'serve.json'), JSON.stringify({ version: 1, serve }));
    const served = await run(['task', 'check', 'serve.json']);
    expect(served.exitCode).toBe(2);
    expect(served.stderr).toContain('did you mean Gemma7b?');
    expect(served.stderr).toContain('serve[1].backend.kind');
    expect((await run(['task', 'check', 'none.toml'])).exitCode).toBe(2);
  });

  it('says what to set where a miner serves nothing', async () => {
    const { exitCode, stderr } = await run(['task', 'serving']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('miner.serve_file') as string]);
  });
});

describe('docs/inference.md', () => {
  const markdown = readFileSync(join(docs, 'inference.md'), 'utf8');
  const commands = commandBlocks(markdown)
    .filter(({ notRun }) => notRun === null)
    .flatMap((block) => block.commands);

  it('has commands', () => {
    expect(commands.length).toBeGreaterThan(5);
  });

  // Serving needs a chain; what it shows is tested with one.
  it.each(commands.filter((command) => command !== 'seine task serving'))('%s', async (command) => {
    const args = command.split(' ').map((word) => (word.startsWith('docs/') ? join(process.cwd(), word) : word));
    const { exitCode, stderr } = await run(args.slice(1));
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it.each(tomlBlocks(markdown))('settings are known', (text) => {
    const file = join(folder(), 'settings.toml');
    writeFileSync(file, text);
    expect(() => loadSettings({ env: { HOME: folder() }, file, cwd: folder() })).not.toThrow();
  });

  it('has a serve file that fits the tasks that ship wherever it is copied with its workflow', async () => {
    for (const name of ['serve.toml', 'flux-workflow.json']) {
      copyFileSync(join(docs, 'inference', name), join(folder(), name));
    }
    const { stdout } = await run(['task', 'check', 'serve.toml', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ serves: { length: 4 } });
  });
});
