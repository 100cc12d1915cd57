import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneRoot, readParts } from '../../stack/parts.ts';

const { engines, python, photographs } = readParts();

/** Where the engines are that `node stack/setup.mjs --tests` installs. */
export const enginesFolder = engines?.folder;

/** The pictures of scikit-image. */
export const photographsFolder = photographs?.folder ?? '';

export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'seine-engines-'));
}

/** Writes a tiny language model (test/judges/make_text_model.py) and returns its file. */
export async function makeTextModel(folder: string, precision: 'F16' | 'Q8_0' | 'Q4_0', seed = 1): Promise<string> {
  const file = join(folder, `tiny-${seed}-${precision}.gguf`);
  await runPython('make_text_model.py', [file, precision, String(seed)]);
  return file;
}

async function runPython(script: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, PYTHONPATH: python?.packages };
  await promisify(execFile)('python3', [join(cloneRoot, 'test', 'judges', script), ...args], { env });
}
