import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotAnImage } from '../../src/inference/checks/errors.ts';
import type { ImageEncoder } from '../../src/inference/checks/image-encoder.ts';
import { openOnnxEncoder } from '../../src/inference/checks/onnx-encoder.ts';
import { drawsFrom } from '../../src/inference/prompts/prompt-seed.ts';
import type { Draws } from '../../src/inference/prompts/prompt-seed.ts';
import { enginesFolder, freshFolder, photographsFolder } from '../support/engines.ts';
import { writeNsfwModel } from '../support/nsfw-model.ts';

/*
 * A real encoder, MobileNetV2 with the weights of nsfwjs, on pairs of cut-outs from the photographs of scikit-image: the same cut-out as JPEG, smaller and with noise, or one
 * from another photograph. The threshold is chosen on other pairs.
 */

const PHOTOGRAPHS =
  `astronaut.png brick.png camera.png chelsea.png clock_motion.png coffee.png coins.png grass.png gravel.png hubble_deep_field.jpg ihc.png
  moon.png motorcycle_left.png page.png retina.jpg rocket.jpg text.png`.split(/\s+/);
const CALIBRATED_ON = 100;
const PAIRS = 200;

const folder = freshFolder();
let encoder: ImageEncoder;
let modelFile: string;

beforeAll(async () => {
  modelFile = writeNsfwModel(enginesFolder ?? '', folder);
  encoder = await openOnnxEncoder({ enginesFolder, modelFile });
});

afterAll(async () => {
  await encoder.close();
  rmSync(folder, { recursive: true });
});

/** A square of 45 to 80 % of the shorter side, anywhere in a photograph. */
async function cutOut(photograph: string, draws: Draws): Promise<Buffer> {
  const image = sharp(join(photographsFolder, photograph));
  const { width, height } = await image.metadata();
  const side = Math.floor((Math.min(width, height) * (45 + draws.below(36))) / 100);
  const area = { left: draws.below(width - side + 1), top: draws.below(height - side + 1), width: side, height: side };
  const picture = image.extract(area).resize(512, 512).toColourspace('srgb').removeAlpha();
  // Packing it well takes longer than all else.
  return await picture.png({ compressionLevel: 1 }).toBuffer();
}

/** The same picture as another maker's file of it. */
async function worn(png: Buffer, draws: Draws): Promise<Buffer> {
  const side = 256 + draws.below(257);
  const raw = await sharp(png).resize(side, side).raw().toBuffer();
  // Park and Miller's generator: quick, and the same everywhere.
  let state = 1 + draws.below(2 ** 30);
  const noisy = new Uint8ClampedArray(raw).map((value) => {
    state = (state * 48_271) % 2_147_483_647;
    return value + (state % 13) - 6;
  });
  const options = { raw: { width: side, height: side, channels: 3 } } as const;
  return await sharp(Buffer.from(noisy), options)
    .jpeg({ quality: 60 + draws.below(31) })
    .toBuffer();
}

/** Cosines of pairs, half of them of one picture. */
async function cosines(secret: string, pairs: number): Promise<{ same: number[]; other: number[] }> {
  const same: number[] = [];
  const other: number[] = [];
  for (let index = 0; index < pairs; index++) {
    const draws = drawsFrom(`${secret} ${index}`);
    const photograph = draws.pick(PHOTOGRAPHS);
    const png = await cutOut(photograph, draws);
    const own = await encoder.embed(png);
    if (index % 2 === 0) same.push(cosine(own, await encoder.embed(await worn(png, draws))));
    else {
      const another = draws.pick(PHOTOGRAPHS.filter((name) => name !== photograph));
      other.push(cosine(own, await encoder.embed(await worn(await cutOut(another, draws), draws))));
    }
  }
  return { same, other };
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, place) => sum + value * (y[place] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Of all pairs of a same and an other one, the share in which the same one is the liker. */
function areaUnderCurve(same: readonly number[], other: readonly number[]): number {
  const wins = same.reduce((sum, one) => sum + other.filter((two) => one > two).length, 0);
  return wins / (same.length * other.length);
}

const errorsAt = (threshold: number, { same, other }: { same: number[]; other: number[] }): number =>
  same.filter((value) => value < threshold).length + other.filter((value) => value >= threshold).length;

describe('an image encoder from a local file', () => {
  it('separates the same pictures from others on 200 pairs', async () => {
    const known = await cosines('calibration', CALIBRATED_ON);
    const candidates = [...known.same, ...known.other];
    const best = Math.min(...candidates.map((value) => errorsAt(value, known)));
    const fits = candidates.filter((value) => errorsAt(value, known) === best).sort((a, b) => a - b);
    const threshold = ((fits[0] ?? 1) + Math.max(...known.other.filter((value) => value < (fits[0] ?? 1)), 0)) / 2;
    const judged = await cosines('judged', PAIRS);
    const area = areaUnderCurve(judged.same, judged.other);
    const wrong = errorsAt(threshold, judged);
    console.log(`AUC ${area.toFixed(4)}; ${wrong} of ${PAIRS} wrong at a cosine of ${threshold.toFixed(3)}`);
    console.log(
      `same from ${Math.min(...judged.same).toFixed(3)}, other up to ${Math.max(...judged.other).toFixed(3)}`,
    );
    expect(area).toBeGreaterThan(0.98);
    expect(wrong).toBeLessThanOrEqual(PAIRS / 20);
  }, 300_000);

  it('refuses what is no image, and a picture of too many pixels', async () => {
    await expect(encoder.embed(Buffer.from('no image'))).rejects.toThrow(NotAnImage);
    const wide = await sharp({ create: { width: 16_000, height: 2000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await expect(encoder.embed(wide)).rejects.toThrow(NotAnImage);
  });

  it('says how to get what is not installed', async () => {
    await expect(openOnnxEncoder({ enginesFolder: undefined, modelFile })).rejects.toThrow(
      'node stack/setup.mjs --engines',
    );
  });
});
