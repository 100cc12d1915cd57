import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCheckers } from '../../../src/inference/checks/checkers-file.ts';
import { CheckersRefused } from '../../../src/inference/checks/checkers-errors.ts';
import { openTasks } from '../../../src/inference/tasks/open-tasks.ts';

const GOOD = `
version = 1

[default]
backend = { kind = "openai", url = "http://127.0.0.1:8000/v1", api_key_env = "ENGINE_KEY" }
prefill = { way = "vllm" }
encoder = { kind = "shades" }

[tasks.chat-small]
backend = { kind = "openai", url = "http://127.0.0.1:8001/v1", model = "small" }
prefill = { way = "echo", chat = { turn = "{role}: {content}\\n", answer = "assistant:" } }
timeout_ms = 5000

[tasks.open]
encoder = { kind = "onnx", file = "models/eyes.onnx" }
judge = { kind = "openai", url = "http://127.0.0.1:8002/v1", model = "eyes" }
aesthetic_file = "head.json"
`;
const environment = { ENGINE_KEY: 'secret' };

describe('a file of checkers', () => {
  it('gives each task its means over the default', () => {
    const { base, tasks } = parseCheckers(GOOD, '/etc/seine/checkers.toml', environment);
    expect(base).toEqual({
      backend: { kind: 'openai', url: 'http://127.0.0.1:8000/v1', api_key_env: 'ENGINE_KEY', connections: 8 },
      prefill: { way: 'vllm' },
      encoder: { kind: 'shades' },
      ...{ judge: null, aesthetic_file: null, timeout_ms: 120_000 },
    });
    expect(tasks.get('chat-small')).toMatchObject({
      ...{ backend: { model: 'small' }, prefill: { way: 'echo' }, encoder: { kind: 'shades' }, timeout_ms: 5000 },
    });
    expect(tasks.get('open')).toMatchObject({
      ...{ backend: base.backend, encoder: { kind: 'onnx', file: '/etc/seine/models/eyes.onnx' } },
      ...{ aesthetic_file: '/etc/seine/head.json', judge: { model: 'eyes' } },
    });
  });

  it('has an example in the documents, of tasks that ship', async () => {
    const file = 'docs/inference/checkers.toml';
    const { tasks } = parseCheckers(readFileSync(file, 'utf8'), file, {});
    const shipped = await openTasks({ path: null });
    expect(shipped.current().list.tasks.map(({ name }) => name)).toEqual(expect.arrayContaining([...tasks.keys()]));
    expect(tasks.get('Gemma7b')).toMatchObject({ backend: { kind: 'embedded' }, prefill: null, timeout_ms: 60_000 });
    expect(tasks.get('OpenGeneral')).toMatchObject({ encoder: { kind: 'onnx' }, judge: { model: 'pixtral-12b' } });
    shipped.close();
  });

  it('says everything that is wrong at once', () => {
    const shape = `
version = 1
[default]
backend = { kind = "openai", url = "ftp://engine" }
encoder = { kind = "clip" }
[tasks.chat]
timeout_ms = 1
judges = 3
`;
    expect(places(shape)).toEqual([
      'default.backend.url',
      'default.encoder.kind',
      'tasks.chat.timeout_ms',
      'tasks.chat',
    ]);
    const sense = `
version = 1
[default]
prefill = { way = "vllm", chat = { turn = "{content}", answer = "" } }
aesthetic_file = "head.json"
[tasks.chat]
backend = { kind = "openai", url = "http://127.0.0.1:1/v1", api_key_env = "NOT_THERE" }
[tasks.local]
backend = { kind = "embedded", model_file = "model.gguf" }
prefill = { way = "vllm" }
`;
    expect(places(sense)).toEqual([
      'default.prefill',
      'default.prefill.chat',
      'default.aesthetic_file',
      'tasks.chat.backend.api_key_env',
      'tasks.local.prefill',
    ]);
    expect(places('version = 2')).toEqual(['version']);
    expect(places('a = = 1')).toEqual(['line 1, column 5']);
  });
});

function places(text: string): string[] {
  try {
    parseCheckers(text, 'checkers.toml', environment);
  } catch (error) {
    if (error instanceof CheckersRefused) return error.problems.map(({ place }) => place);
    throw error;
  }
  return [];
}
