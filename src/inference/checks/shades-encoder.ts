import type { ImageEncoder } from './image-encoder.ts';
import { imagePixels } from './read-image.ts';

const SIDE = 8;
const MIDDLE = 127.5;

/**
 * A stand-in for an encoder, for the stand-in's images: no model is in it. It tells pictures apart by 8 x 8 coarse colours alone, and knows nothing of what they
 * show.
 */
export function createShadesEncoder(): ImageEncoder {
  return {
    name: 'shades',
    embed: async (image) => {
      const { data } = await imagePixels(image, { width: SIDE, height: SIDE }, 3);
      return Float32Array.from(data, (value) => (value - MIDDLE) / MIDDLE);
    },
    close: () => Promise.resolve(),
  };
}
