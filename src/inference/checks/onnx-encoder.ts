import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { loadPackage } from '../engines/load-package.ts';
import { MAX_SIDE_PIXELS } from '../wire/limits.ts';
import { NotAnImage } from './errors.ts';
import type { ImageEncoder } from './image-encoder.ts';

const channels = z.tuple([z.number(), z.number(), z.number()]);

/** What a model takes and gives, in `<model>.onnx.json` beside it. */
const description = z.strictObject({
  version: z.literal(1),
  /** For logs. */
  name: z.string().min(1).max(200),
  /** Name of its input: 32-bit floats, one image, red, green and blue. */
  input: z.string().min(1),
  layout: z.enum(['nchw', 'nhwc']),
  /** Pixels that an image is scaled to, whatever its shape. */
  width: z.int().min(1).max(2048),
  height: z.int().min(1).max(2048),
  /** A channel goes in as (value / 255 - mean) / std. */
  mean: channels,
  std: channels.refine((values) => values.every((value) => value > 0), 'is not above 0'),
  /** Name of the output that is the vector. */
  output: z.string().min(1),
});
type Description = z.output<typeof description>;

/** The part of onnxruntime-node 1.30 that is used here. */
interface OnnxPackage {
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
  InferenceSession: {
    create: (file: string, options: { intraOpNumThreads: number }) => Promise<OnnxSession>;
  };
}
interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run: (
    feeds: Readonly<Record<string, unknown>>,
    outputs: readonly string[],
  ) => Promise<Readonly<Record<string, { data: unknown } | undefined>>>;
  release: () => Promise<void>;
}

export interface OnnxEncoderOptions {
  /** Where set-up put the engines (`stack/parts.ts`); undefined where it did not. */
  enginesFolder: string | undefined;
  /** An ONNX file on this machine, with its description beside it. */
  modelFile: string;
  /** @default 1 */
  threads?: number;
}

/**
 * An encoder by a local model. Throws EnginesMissing, and InvalidInputError for a description or a model that does not fit. `embed` gives the model's own vector, not
 * scaled to a length.
 */
export async function openOnnxEncoder({
  enginesFolder,
  modelFile,
  threads = 1,
}: OnnxEncoderOptions): Promise<ImageEncoder> {
  const about = await readDescription(`${modelFile}.json`);
  // Compiled from CommonJS: what it exports is the default member.
  const loaded = (await loadPackage(enginesFolder, 'onnxruntime-node')) as OnnxPackage & { default?: OnnxPackage };
  const { InferenceSession, Tensor } = loaded.default ?? loaded;
  const session = await InferenceSession.create(modelFile, { intraOpNumThreads: threads }).catch((error: unknown) => {
    throw new InvalidInputError(`${basename(modelFile)} is no model that can be run: ${messageOf(error)}`);
  });
  if (!session.inputNames.includes(about.input) || !session.outputNames.includes(about.output)) {
    await session.release();
    const has = `inputs ${session.inputNames.join(', ')}; outputs ${session.outputNames.join(', ')}`;
    throw new InvalidInputError(`${modelFile}.json names an input or output that the model lacks; it has ${has}`);
  }
  const { width, height } = about;
  const dims = about.layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  let isClosed = false;

  return {
    name: about.name,
    async embed(image, signal) {
      signal?.throwIfAborted();
      const pixels = await decode(image, about);
      signal?.throwIfAborted();
      if (isClosed) throw new Error(`the encoder ${about.name} is closed`);
      const outputs = await session.run({ [about.input]: new Tensor('float32', inputOf(pixels, about), dims) }, [
        about.output,
      ]);
      const vector = outputs[about.output]?.data;
      if (!(vector instanceof Float32Array)) throw new Error(`the encoder ${about.name} gave no vector of floats`);
      return vector;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await session.release();
    },
  };
}

async function readDescription(file: string): Promise<Description> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InvalidInputError(`a model needs its description beside it: ${messageOf(error)}`);
  });
  try {
    return description.parse(JSON.parse(text));
  } catch (error) {
    throw new InvalidInputError(`${file} does not describe a model: ${messageOf(error)}`);
  }
}

/** Red, green and blue of each pixel, from the top left. */
async function decode(image: Uint8Array, { width, height }: Description): Promise<Uint8Array> {
  try {
    return await sharp(image, { limitInputPixels: MAX_SIDE_PIXELS ** 2, failOn: 'error' })
      .flatten({ background: '#ffffff' })
      .resize(width, height, { fit: 'fill' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer();
  } catch (error) {
    throw new NotAnImage(messageOf(error), error);
  }
}

function inputOf(pixels: Uint8Array, { layout, width, height, mean, std }: Description): Float32Array {
  const size = width * height;
  const input = new Float32Array(size * 3);
  for (let pixel = 0; pixel < size; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = ((pixels[pixel * 3 + channel] ?? 0) / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
      input[layout === 'nchw' ? channel * size + pixel : pixel * 3 + channel] = value;
    }
  }
  return input;
}
