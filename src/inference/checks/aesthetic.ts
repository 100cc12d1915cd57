import { z } from 'zod';
import { InvalidInputError } from '../../core/errors.ts';

/** How pleasing an image is, by its embedding: about 0 to 10 points. */
export interface AestheticScore {
  scoreOf: (embedding: Float32Array) => number;
}

const head = z.strictObject({
  weights: z.array(z.number()).min(1).max(65_536),
  bias: z.number(),
  /** Whether the vector is brought to length 1 before. */
  normalise: z.boolean().default(true),
});

/**
 * A linear head over an encoder's embedding, from JSON of `weights`, `bias` and `normalise`: such as LAION's aesthetic predictor over CLIP. Throws
 * InvalidInputError for other text, and `scoreOf` for an embedding of another length.
 */
export function readAestheticHead(text: string): AestheticScore {
  const parsed = head.safeParse(jsonOf(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InvalidInputError(`it is no linear head: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { weights, bias, normalise } = parsed.data;
  return {
    scoreOf: (embedding) => {
      if (embedding.length !== weights.length) {
        throw new InvalidInputError(
          `the head has ${weights.length} weights and the encoder ${embedding.length} numbers: they belong to other models`,
        );
      }
      const length = normalise ? Math.hypot(...embedding) : 1;
      const sum = weights.reduce((total, weight, index) => total + weight * (embedding[index] ?? 0), 0);
      return bias + (length === 0 ? 0 : sum / length);
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidInputError('it is not JSON');
  }
}
