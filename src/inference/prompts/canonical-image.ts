import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { messageOf, SeineError } from '../../core/errors.ts';
import type { Task } from '../tasks/task.ts';
import { MAX_SIDE_PIXELS } from '../wire/limits.ts';

/** The longer side of images that go to miners: what models of today work at. Larger ones, a customer's photograph, are made smaller. */
const MOST_SIDE_PIXELS = 1024;
/** Not more than this side squared is decoded: a small file can hold a huge image. */
const MOST_PIXELS = MAX_SIDE_PIXELS ** 2;

/**
 * How an image may be written, best first; the first that is within the task's limits is taken. A simple picture is too small as a JPEG and even as a
 * PNG: as a PNG whose pixels are stored uncompressed it has the bytes of its pixels, and nothing is added to it.
 */
const FORMS = [
  (image: Sharp) => image.jpeg({ quality: 92 }),
  (image: Sharp) => image.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }),
  (image: Sharp) => image.png(),
  (image: Sharp) => image.png({ compressionLevel: 0 }),
  (image: Sharp) => image.jpeg({ quality: 75 }),
] as const;

/** Bytes that are no image, or none that the task's limits allow. */
export class ImageRefused extends SeineError {
  constructor(why: string, cause?: unknown) {
    super('ImageRefused', `the image can't be sent: ${why}`, { details: { why }, cause });
  }
}

/** An image as miners get it. */
export interface CanonicalImage {
  base64: string;
  mime: 'image/jpeg' | 'image/png';
  width: number;
  height: number;
}

/**
 * An image as miners get it, made by the validator or sent by a customer: upright, at most 1024 pixels a side, 8 bits of red, green and blue, without any
 * metadata, written by the one encoder, in the first form whose base64 text is within the task's limits. Throws ImageRefused.
 */
export async function canonicalImage({ limits }: Pick<Task, 'limits'>, bytes: Uint8Array): Promise<CanonicalImage> {
  const pixels = await decoded(bytes);
  const sizes: number[] = [];
  for (const form of FORMS) {
    const { data, info } = await form(sharp(pixels.data, { raw: pixels.info })).toBuffer({ resolveWithObject: true });
    const base64 = data.toString('base64');
    if (base64.length >= limits.image_min_bytes && base64.length <= limits.image_max_bytes) {
      const mime = info.format === 'png' ? 'image/png' : 'image/jpeg';
      return { base64, mime, width: info.width, height: info.height };
    }
    sizes.push(base64.length);
  }
  const range = `${limits.image_min_bytes} to ${limits.image_max_bytes}`;
  throw new ImageRefused(`it has ${Math.min(...sizes)} to ${Math.max(...sizes)} bytes in base64, ${range} may come`);
}

/** A mask: white inside a rectangle, given in shares of the sides, black elsewhere. PNG, base64. */
export async function rectangleMask(
  { width, height }: Pick<CanonicalImage, 'width' | 'height'>,
  white: { left: number; top: number; width: number; height: number },
): Promise<string> {
  const data = Buffer.alloc(width * height);
  const [left, right] = [Math.floor(white.left * width), Math.ceil((white.left + white.width) * width)];
  const [top, bottom] = [Math.floor(white.top * height), Math.ceil((white.top + white.height) * height)];
  for (let y = top; y < Math.min(bottom, height); y++)
    data.fill(255, y * width + left, y * width + Math.min(right, width));
  const mask = await sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
  return mask.toString('base64');
}

async function decoded(bytes: Uint8Array) {
  try {
    return await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
      .rotate()
      .resize(MOST_SIDE_PIXELS, MOST_SIDE_PIXELS, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new ImageRefused(messageOf(error), error);
  }
}
