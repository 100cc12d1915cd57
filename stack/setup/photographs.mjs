import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillFolder } from './folders.mjs';
import { unpackWheel } from './python.mjs';

const wheel = {
  requirement: 'scikit-image==0.26.0',
  platform: 'manylinux_2_28_x86_64',
  sha256: '74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af',
};

export function photographsFolder(home) {
  return join(home, 'photographs-0.26.0');
}

/** The pictures that scikit-image carries for its own examples. Nothing else of it is kept. */
export async function installPhotographs(python, home) {
  await fillFolder(photographsFolder(home), async (draft) => {
    const unpacked = join(draft, '.wheel');
    await unpackWheel(python, wheel, unpacked);
    cpSync(join(unpacked, 'skimage', 'data'), draft, { recursive: true });
    rmSync(unpacked, { recursive: true });
  });
}
