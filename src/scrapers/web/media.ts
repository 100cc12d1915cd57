import type { Media } from '../../core/record.ts';

const MAX_IMAGES = 100;

/** Images by their `src`, each URL once, as the page names them; nothing is fetched, so what only a fetch tells is null. */
export function imagesOf(sources: readonly string[], base: string): Media[] {
  const urls = new Set<string>();
  for (const source of sources) {
    if (!URL.canParse(source, base)) continue;
    const url = new URL(source, base);
    url.hash = '';
    if (url.protocol === 'http:' || url.protocol === 'https:') urls.add(url.href);
    if (urls.size === MAX_IMAGES) break;
  }
  return [...urls].map((url) => ({
    url,
    kind: 'image',
    mime: mimeByExtension(url),
    bytes: null,
    sha256: null,
    width: null,
    height: null,
    duration_ms: null,
    phash: null,
  }));
}

/** By the extension of the path; empty when it says nothing. */
function mimeByExtension(url: string): string {
  const extension = /\.(\w{2,5})$/.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? '';
  return IMAGE_TYPES[extension] ?? '';
}

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  apng: 'image/apng',
  avif: 'image/avif',
  bmp: 'image/bmp',
  gif: 'image/gif',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  webp: 'image/webp',
};
