import { readFile, realpath, stat } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import type { SitePackage } from './collect.ts';
import { encodePath } from './collect.ts';

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
};
const MAX_IMAGE_BYTES = 5_000_000;

/** Where the site serves an image of a package; null when there is no such file. */
export function imageUrl(owner: SitePackage, file: string): string | null {
  if (typeOf(file) === null) return null;
  return statSync(join(owner.dir, file), { throwIfNoEntry: false })?.isFile() === true
    ? `/files/${encodePath(`${owner.id}/${file}`)}`
    : null;
}

/** An image by its path below /files/, from within a known package only; null for anything else. */
export async function readImage(
  packages: ReadonlyMap<string, SitePackage>,
  path: string,
): Promise<{ body: Buffer; type: string } | null> {
  const owner = ownerOf(packages, path);
  const type = typeOf(path);
  if (owner === null || type === null) return null;
  try {
    const file = await realpath(join(owner.dir, path.slice(owner.id.length + 1)));
    if (!file.startsWith((await realpath(owner.dir)) + sep)) return null;
    const { size } = await stat(file);
    return size > MAX_IMAGE_BYTES ? null : { body: await readFile(file), type };
  } catch {
    return null;
  }
}

/** The innermost package whose folder the path lies in. */
function ownerOf(packages: ReadonlyMap<string, SitePackage>, path: string): SitePackage | null {
  const segments = path.split('/');
  for (let length = segments.length - 1; length > 0; length -= 1) {
    const owner = packages.get(segments.slice(0, length).join('/'));
    if (owner !== undefined) return owner;
  }
  return null;
}

function typeOf(file: string): string | null {
  return IMAGE_TYPES[extname(file).toLowerCase()] ?? null;
}
