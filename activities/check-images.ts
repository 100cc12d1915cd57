import type { CheckResult } from '../src/core/inference-period.ts';
import { adherence, questionsOf } from '../src/inference/checks/adherence.ts';
import type { TaskChecker } from '../src/inference/checks/checker.ts';
import { cosineOf } from '../src/inference/checks/cosine.ts';
import { ppmOfCosine } from '../src/inference/checks/float-units.ts';
import type { ImageEncoder } from '../src/inference/checks/image-encoder.ts';
import { imagePrint } from '../src/inference/checks/image-hashes.ts';
import type { ImagePrint } from '../src/inference/checks/image-hashes.ts';
import { imageSize, mediaTypeOf } from '../src/inference/checks/read-image.ts';
import type { ImageSize } from '../src/inference/checks/read-image.ts';
import type { TaskCheck } from '../src/inference/tasks/task.ts';
import type { ImageAnswer, ImageRequest } from '../src/inference/wire/images.ts';
import { PPM } from '../src/core/units.ts';
import { InvalidInputError } from '../src/core/errors.ts';
import { averageHash, hashDistance } from '../src/scoring/inference/checks/average-hash.ts';
import { gradeImageMatch } from '../src/scoring/inference/checks/image-match.ts';
import { gradeImageSimilarity, sameHashPpm } from '../src/scoring/inference/checks/image-similarity.ts';
import { openImageScorePpm } from '../src/scoring/inference/checks/open-image.ts';
import { mulDiv } from '../src/scoring/mul-div.ts';
import type { CheckInput } from './check-answer.ts';
import { inconclusive, needed, verdictOf, worstOf, wrong } from './check-verdicts.ts';

export type ImageCheck = Extract<TaskCheck, { method: 'image-match' | 'image-similarity' }>;
type OpenCheck = Extract<TaskCheck, { method: 'open-image' }>;

/** An image with what its measures are made of. */
interface SeenImage {
  size: ImageSize;
  print: ImagePrint;
  embedding: Float32Array;
  isFlagged: boolean;
}

/** Checks images against those that the validator's own backend makes of the same request, one by one; the worst counts. Throws what the backend and the encoder throw. */
export async function checkImages(
  input: CheckInput,
  check: ImageCheck,
  checker: TaskChecker,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { task, request, answer } = input;
  const backend = needed(checker.backend, task.name, 'a backend');
  const encoder = needed(checker.encoder, task.name, 'an encoder of images');
  const fault = answerFault(input);
  if (fault !== null || request.api !== 'images' || answer.api !== 'images') return fault ?? wrong('malformed');
  if (request.body.seed === undefined) return inconclusive('no_seed');
  const own = await backend.answer(request, { timeoutMs: checker.timeoutMs, signal });
  if (own.api !== 'images' || own.body.data.length !== request.body.n)
    throw new InvalidInputError('it made other images');
  const results = await Promise.all(
    answer.body.data.map(async (theirs, index) => {
      const mine = own.body.data[index];
      if (mine === undefined) return inconclusive('nothing_compared');
      const verifier = await seen(mine, encoder, signal);
      return await asMiners(async () => compared(await seen(theirs, encoder, signal), verifier, check));
    }),
  );
  return worstOf(results);
}

/** Checks images of an open category, whatever made them, by a judge's answers and their looks; the worst counts. Throws as `checkImages` does. */
export async function checkOpenImages(
  input: CheckInput,
  check: OpenCheck,
  checker: TaskChecker,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { task, request, answer, seed } = input;
  const judge = needed(checker.judge, task.name, 'a judge');
  const encoder = needed(checker.encoder, task.name, 'an encoder of images');
  const aesthetic = needed(checker.aesthetic, task.name, 'an aesthetic head');
  const fault = answerFault(input);
  if (fault !== null || request.api !== 'images' || answer.api !== 'images') return fault ?? wrong('malformed');
  const questions = questionsOf(request.body.prompt, seed);

  const one = async (base64: string): Promise<CheckResult> => {
    const image = Buffer.from(base64, 'base64');
    const size = await imageSize(image);
    if (isOtherSize(size, request.body)) return wrong('other_size');
    const embedding = await encoder.embed(image, signal);
    const url = `data:${mediaTypeOf(image)};base64,${base64}`;
    const said = await adherence(judge, url, questions, { timeoutMs: checker.timeoutMs, signal });
    if (said === null) return inconclusive('unclear_judge');
    const milli = Math.round(aesthetic.scoreOf(embedding) * 1000);
    const score_ppm = openImageScorePpm(mulDiv(said.yes, PPM, said.asked), milli, check);
    return verdictOf({ score_ppm, reason: score_ppm > 0 ? 'judged' : 'other_image' });
  };
  return worstOf(await Promise.all(answer.body.data.map(({ b64_json }) => asMiners(() => one(b64_json)))));
}

function answerFault({ request, answer }: CheckInput): CheckResult | null {
  if (request.api !== 'images' || answer.api !== 'images') return wrong('malformed');
  return answer.body.data.length === request.body.n ? null : wrong('other_count');
}

async function seen(
  { b64_json, is_nsfw }: ImageAnswer['data'][number],
  encoder: ImageEncoder,
  signal: AbortSignal,
): Promise<SeenImage> {
  const image = Buffer.from(b64_json, 'base64');
  // Before anything is decoded whole: a size that is refused costs nothing.
  const size = await imageSize(image);
  const [print, embedding] = await Promise.all([imagePrint(image), encoder.embed(image, signal)]);
  return { size, print, embedding, isFlagged: is_nsfw ?? false };
}

/** What can't be decoded is the fault of whoever made it: here the miner. */
async function asMiners(check: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof Error && error.name === 'NotAnImage') return wrong('not_an_image');
    throw error;
  }
}

function compared(miner: SeenImage, verifier: SeenImage, check: ImageCheck): CheckResult {
  if (miner.size.width !== verifier.size.width || miner.size.height !== verifier.size.height)
    return wrong('other_size');
  const cosine = cosineOf(miner.embedding, verifier.embedding);
  if (cosine === null) throw new InvalidInputError('the encoder gave no vectors that can be compared');
  const cosine_ppm = ppmOfCosine(cosine);
  const average = hashDistance(averageHash(miner.print.shades), averageHash(verifier.print.shades));
  if (check.method === 'image-match') return verdictOf(gradeImageMatch({ cosine_ppm, hash_bits: average }, check));
  const distances = [
    average,
    hashDistance(miner.print.difference, verifier.print.difference),
    hashDistance(miner.print.perceptual, verifier.print.perceptual),
  ];
  const flagged = { miner: miner.isFlagged, verifier: verifier.isFlagged };
  return verdictOf(gradeImageSimilarity({ same_hash_ppm: sameHashPpm(distances), cosine_ppm, flagged }, check));
}

function isOtherSize({ width, height }: ImageSize, { size }: ImageRequest): boolean {
  return size !== undefined && size !== `${width}x${height}`;
}
