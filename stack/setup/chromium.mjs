import { createReadStream, createWriteStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { fillFolder } from './folders.mjs';
import { findOnPath, outputOf, run } from './run.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser. The npm package brings it compressed, with the libraries and a font for systems that lack them. */
export const chromium = {
  name: 'chromium',
  title: 'Chromium',
  source: '@sparticuz/chromium 153.0.0',
  /** Do settings name one to be used in its place? */
  isReplaced: (env) => Boolean(env.CHROMIUM_PATH),

  findOwn() {
    // Running it tells a browser from a placeholder that only says how to install one.
    const found = names
      .map((name) => findOnPath(name))
      .find((path) => path && outputOf(path, ['--version']) !== undefined);
    return found === undefined ? undefined : { executable: found };
  },

  folder: (parts) => join(parts, 'chromium-153.0.0'),
  resolve: (folder) => (existsSync(folder) ? { executable: join(folder, 'chromium-launcher') } : undefined),

  async install(folder, { python, root }) {
    const packed = join(root, 'node_modules', '@sparticuz', 'chromium', 'bin');
    await fillFolder(folder, async (draft) => {
      await decompress(join(packed, 'chromium.br'), join(draft, 'chromium'), 0o755);
      await unpackTar(python, join(packed, 'swiftshader.tar.br'), draft);
      await unpackTar(python, join(packed, 'fonts.tar.br'), join(draft, 'fonts'));
      await unpackTar(python, join(packed, 'al2023.tar.br'), join(draft, 'libraries'));
      writeFileSync(join(draft, 'fonts', 'fonts.conf'), fontsConfiguration);
      writeFileSync(join(draft, 'chromium-launcher'), launcher, { mode: 0o755 });
    });
  },
};

/** Found by its own place, so that the clone may be moved. */
const fontsConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/** The system's fonts and libraries come first; the packaged ones stand in for those that are missing. */
const launcher = `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
[ -d /etc/fonts ] || export FONTCONFIG_PATH="$here/fonts"
if ldd "$here/chromium" 2>/dev/null | grep -q 'not found'; then
  export LD_LIBRARY_PATH="$here/libraries/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
exec "$here/chromium" "$@"
`;

async function decompress(from, to, mode) {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode }));
}

async function unpackTar(python, from, folder) {
  mkdirSync(folder, { recursive: true });
  const tar = join(folder, '.archive.tar');
  await decompress(from, tar, 0o644);
  await run(python, ['-m', 'tarfile', '-e', tar, folder], { hint: 'Is the disk full?' });
  rmSync(tar);
}
