import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { adherence, questionsOf, yesOrNo } from '../../../src/inference/checks/adherence.ts';
import { readAestheticHead } from '../../../src/inference/checks/aesthetic.ts';
import { cosineOf } from '../../../src/inference/checks/cosine.ts';
import { drawnPositions } from '../../../src/inference/checks/compare-text.ts';
import { ppmOfCosine, ppmOfLogprob, pptOfLogprob } from '../../../src/inference/checks/float-units.ts';
import { differenceHash, imagePrint, perceptualHash } from '../../../src/inference/checks/image-hashes.ts';
import { imagePixels, imageSize } from '../../../src/inference/checks/read-image.ts';
import { createShadesEncoder } from '../../../src/inference/checks/shades-encoder.ts';
import { hashDistance } from '../../../src/scoring/inference/checks/average-hash.ts';
import { toyImage } from '../../../stack/model-stand-in/toy-model.ts';

const picture = (about: string) => toyImage({ seed: 'toy', coarseness: 0 }, about, 128, 96);

describe('prints of an image', () => {
  it('stay nearly as they are when it is resized and encoded anew', async () => {
    const [one, again, other] = await Promise.all([
      imagePrint(picture('one')),
      sharp(picture('one')).resize(200, 150).jpeg({ quality: 80 }).toBuffer().then(imagePrint),
      imagePrint(picture('other')),
    ]);
    expect(hashDistance(one.difference, again.difference)).toBeLessThan(8);
    expect(hashDistance(one.perceptual, again.perceptual)).toBeLessThan(8);
    expect(hashDistance(one.difference, other.difference)).toBeGreaterThan(16);
    expect(hashDistance(one.perceptual, other.perceptual)).toBeGreaterThan(16);
  });

  it('are made bit by bit, row by row', () => {
    const rising = Uint8Array.from({ length: 72 }, (_, index) => index % 9);
    expect(differenceHash({ data: rising })).toBe('f'.repeat(16));
    expect(differenceHash({ data: rising.toReversed() })).toBe('0'.repeat(16));
    const first = rising.map((value, index) => (index < 9 ? value : 0));
    expect(differenceHash({ data: first })).toBe(`ff${'0'.repeat(14)}`);
  });

  it('hold half of the frequencies above their median', () => {
    const data = Uint8Array.from({ length: 1024 }, (_, index) => (index * 7919) % 251);
    const bits = BigInt(`0x${perceptualHash({ data })}`)
      .toString(2)
      .replaceAll('0', '').length;
    expect(bits).toBe(32);
  });
});

describe('an image is read', () => {
  it('by its size', async () => {
    expect(await imageSize(picture('one'))).toEqual({ width: 128, height: 96 });
    expect((await imagePixels(picture('one'), { width: 4, height: 2 }, 3)).data).toHaveLength(24);
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ['text', () => Promise.resolve(Buffer.from('an image, I swear'))],
    ['nothing', () => Promise.resolve(new Uint8Array())],
    ['a vector image', () => Promise.resolve(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))],
    ['a GIF', () => sharp(picture('one')).gif().toBuffer()],
    ['a TIFF', () => sharp(picture('one')).tiff().toBuffer()],
    ['the beginning of a PNG', () => Promise.resolve(picture('one').subarray(0, 60))],
    ['too many pixels', () => Promise.resolve(huge())],
    ['an animated WebP', animated],
  ])('unless it is %s', async (_, make) => {
    const bytes = await make();
    const read = imageSize(bytes).then(() => imagePixels(bytes, { width: 8, height: 8 }, 1));
    await expect(read).rejects.toMatchObject({ name: 'NotAnImage' });
  });
});

describe('the encoder of shades', () => {
  it('tells pictures apart', async () => {
    const encoder = createShadesEncoder();
    const embed = (bytes: Uint8Array) => encoder.embed(bytes);
    const [one, again, other] = await Promise.all([
      embed(picture('one')),
      sharp(picture('one')).resize(200, 150).jpeg().toBuffer().then(embed),
      embed(picture('other')),
    ]);
    expect(cosineOf(one, again)).toBeGreaterThan(0.95);
    expect(cosineOf(one, other)).toBeLessThan(0.5);
  });
});

describe('a cosine', () => {
  it('is that of the angle', () => {
    expect(cosineOf([1, 0], [0, 2])).toBe(0);
    expect(cosineOf([3, 4], [6, 8])).toBeCloseTo(1, 12);
    expect(cosineOf([1, 1], [-1, -1])).toBeCloseTo(-1, 12);
    expect(cosineOf([0, 0], [0, 0])).toBe(1);
    expect(cosineOf([0, 0], [0, 1])).toBe(0);
  });

  it('is none of vectors that cannot be compared', () => {
    expect(cosineOf([1], [1, 2])).toBeNull();
    expect(cosineOf([], [])).toBeNull();
    expect(cosineOf([Infinity], [1])).toBeNull();
    expect(cosineOf([1e200], [1e200])).toBeNull();
  });
});

it('makes whole numbers of floats, to the nearest', () => {
  expect(ppmOfLogprob(Math.log(0.25))).toBe(250_000);
  expect(ppmOfLogprob(0.001)).toBe(1_000_000);
  expect(pptOfLogprob(-9999)).toBe(0);
  expect(pptOfLogprob(null)).toBe(0);
  expect(pptOfLogprob(Math.log(1e-9))).toBe(1000);
  expect(ppmOfCosine(-0.5)).toBe(-500_000);
});

describe('positions to compare', () => {
  it('are different ones, the same for a seed, over the whole answer', () => {
    const drawn = drawnPositions('seed', 1000, 5);
    expect(drawn).toEqual(drawnPositions('seed', 1000, 5));
    expect(drawn).not.toEqual(drawnPositions('another', 1000, 5));
    expect(new Set(drawn).size).toBe(5);
    expect(drawnPositions('seed', 3, 5).sort()).toEqual([0, 1, 2]);
    const all = Array.from({ length: 400 }, (_, index) => drawnPositions(`seed ${index}`, 20, 5)).flat();
    const counts = Array.from({ length: 20 }, (_, position) => all.filter((each) => each === position).length);
    // 100 each are expected, with a deviation of 8.7.
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(140);
  });
});

describe('prompt adherence', () => {
  it('asks for each piece of the prompt, at most five', () => {
    const questions = questionsOf('a red fox with a lantern, deep snow, watercolour', 'seed');
    expect(questions).toHaveLength(4);
    for (const piece of ['a red fox', 'a lantern', 'deep snow', 'watercolour']) {
      expect(questions.some((question) => question.includes(`"${piece}"`))).toBe(true);
    }
    const many = 'one, two, three, four, five, six, seven';
    expect(questionsOf(many, 'a')).toHaveLength(5);
    expect(questionsOf(many, 'a')).not.toEqual(questionsOf(many, 'b'));
    expect(questionsOf(' ,, a', 'seed')).toEqual([]);
  });

  it('takes yes and no alone', () => {
    expect(['yes', ' Yes.', '"YES"'].map(yesOrNo)).toEqual([true, true, true]);
    expect(['no', 'No!'].map(yesOrNo)).toEqual([false, false]);
    expect(['', 'yes and no', 'maybe', 'I know'].map(yesOrNo)).toEqual([null, null, null, null]);
  });

  it('is the share of yes, and none where the judge is unclear', async () => {
    const asked = async (words: string[]) => {
      const backend = {
        answer: () => {
          const message = { role: 'assistant' as const, content: words.shift() ?? '' };
          const choices = [{ index: 0, message, finish_reason: 'stop' }];
          return Promise.resolve({ api: 'chat' as const, body: { id: 'x', model: 'judge', choices } });
        },
        close: () => Promise.resolve(),
      };
      const questions = words.map((_, index) => `question ${index}?`);
      return adherence({ backend, model: 'judge' }, 'data:image/png;base64,AAAA', questions, { timeoutMs: 1000 });
    };
    expect(await asked(['yes', 'No.', 'Yes'])).toEqual({ yes: 2, asked: 3 });
    expect(await asked(['yes', 'perhaps'])).toBeNull();
    expect(await asked([])).toBeNull();
  });
});

describe('an aesthetic head', () => {
  it('is linear over the embedding, brought to length 1 unless it says otherwise', () => {
    const head = { weights: [1, 2], bias: 3 };
    expect(readAestheticHead(JSON.stringify(head)).scoreOf(Float32Array.of(3, 4))).toBeCloseTo(3 + 0.6 + 1.6, 6);
    const plain = readAestheticHead(JSON.stringify({ ...head, normalise: false }));
    expect(plain.scoreOf(Float32Array.of(3, 4))).toBe(14);
  });

  it('refuses what is none, and an embedding of another model', () => {
    expect(() => readAestheticHead('{')).toThrow('not JSON');
    expect(() => readAestheticHead('{"weights":[],"bias":0}')).toThrow('weights');
    const head = readAestheticHead('{"weights":[1],"bias":0}');
    expect(() => head.scoreOf(Float32Array.of(1, 2))).toThrow('other models');
  });
});

/** The head of a PNG of 60,000 x 60,000 pixels. */
function huge(): Uint8Array {
  const bytes = Buffer.from(picture('one'));
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  return bytes;
}

async function animated(): Promise<Uint8Array> {
  const page = await sharp(picture('one')).resize(16, 16).toColourspace('srgb').removeAlpha().raw().toBuffer();
  const both = Buffer.concat([page, Buffer.from(page.map((value) => 255 - value))]);
  const raw = { width: 16, height: 32, channels: 3 as const, pageHeight: 16 };
  return await sharp(both, { raw })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer();
}
