import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { messageOf } from '../../core/errors.ts';
import { MAX_SIDE_PIXELS } from '../wire/limits.ts';
import { NotAnImage } from './errors.ts';

export interface ImageSize {
  width: number;
  height: number;
}

/** Pixels of an image brought to one size, whatever it was; row by row, `channels` bytes each. */
export interface Pixels extends ImageSize {
  channels: 1 | 3;
  data: Uint8Array;
}

/** The beginnings of the files that are read; libvips would try many more formats, vectors among them. */
const SIGNATURES = [
  { format: 'png', at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { format: 'jpeg', at: 0, bytes: [0xff, 0xd8, 0xff] },
  { format: 'webp', at: 8, bytes: [0x57, 0x45, 0x42, 0x50] },
];

/** What a file says its size is. Throws NotAnImage for anything but one still PNG, JPEG or WebP image within the limits. */
export async function imageSize(image: Uint8Array): Promise<ImageSize> {
  try {
    const { width, height, pages = 1 } = await opened(image).metadata();
    if (pages > 1) throw new NotAnImage('it is animated');
    return { width, height };
  } catch (error) {
    throw notAnImage(error);
  }
}

/** The image in another size and in one or three channels, without its transparency. Throws NotAnImage as `imageSize` does, and for broken data. */
export async function imagePixels(image: Uint8Array, { width, height }: ImageSize, channels: 1 | 3): Promise<Pixels> {
  try {
    const { data } = await opened(image)
      .flatten({ background: '#000' })
      .resize(width, height, { fit: 'fill' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width, height, channels, data: new Uint8Array(data) };
  } catch (error) {
    throw notAnImage(error);
  }
}

/** By the beginning of the file. Throws NotAnImage for any other than the three. */
export function mediaTypeOf(image: Uint8Array): string {
  const found = SIGNATURES.find(({ at, bytes }) => bytes.every((byte, index) => image[at + index] === byte));
  if (found === undefined) throw new NotAnImage('it begins as no PNG, JPEG or WebP does');
  return `image/${found.format}`;
}

function opened(image: Uint8Array): Sharp {
  mediaTypeOf(image);
  return sharp(image, { limitInputPixels: MAX_SIDE_PIXELS * MAX_SIDE_PIXELS, failOn: 'error', animated: false });
}

function notAnImage(error: unknown): NotAnImage {
  return error instanceof NotAnImage ? error : new NotAnImage(messageOf(error).split('\n')[0] ?? '', error);
}
