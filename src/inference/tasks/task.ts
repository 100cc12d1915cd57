/** What a task makes of what; `avatar` is a composed workflow, whose steps the task lists. */
export const TASK_KINDS = [
  'chat',
  'completion',
  'multimodal',
  'embedding',
  'text-to-image',
  'image-to-image',
  'conditional-image',
  'inpaint',
  'upscale',
  'avatar',
] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** Kinds whose answer is a text. */
export const TEXT_KINDS: readonly TaskKind[] = ['chat', 'completion', 'multimodal'];

/** Kinds whose answer is an image. */
export const IMAGE_KINDS: readonly TaskKind[] = TASK_KINDS.filter(
  (kind) => kind !== 'embedding' && !TEXT_KINDS.includes(kind),
);

/** Kinds whose request brings an image. */
export const IMAGE_INPUT_KINDS: readonly TaskKind[] = [
  'multimodal',
  ...IMAGE_KINDS.filter((kind) => kind !== 'text-to-image'),
];

/** What capacity and speed are counted in: tokens are characters / 4, steps those of the sampler; requests are what NicheImage's text counts in. */
export const VOLUME_UNITS = ['tokens', 'steps', 'images', 'requests'] as const;
export type VolumeUnit = (typeof VOLUME_UNITS)[number];

/** `match` makes 0 or 1 of a comparison; `graded` keeps the values between. */
export const GRADINGS = ['match', 'graded'] as const;
type Grading = (typeof GRADINGS)[number];

/** How an answer is verified, with the thresholds of that method; shares and cosines in parts per million. */
export type TaskCheck =
  | {
      /** Rank and probability of each of the answer's tokens in the verifier's own prefill. */
      method: 'text-probabilities';
      grading: Grading;
      /** A token counts as outside where it is not among this many likeliest. */
      top: number;
      most_outside: number;
      /** Positions, drawn over the whole answer, at which both sides' probabilities are compared. */
      positions: number;
      /** An end of text this many times as likely as the token that stands there was cut off. */
      end_of_text_ratio: number;
      /** Mean distance up to which the score is 1, and up to which it falls, on a line, to .5; beyond it is 0. */
      full_distance_ppm: number;
      half_distance_ppm: number;
    }
  | {
      /** Overlap of the likeliest tokens of every position. */
      method: 'text-top-tokens';
      grading: Grading;
      top: number;
      overlap_ppm: number;
    }
  | {
      /** Embedding cosine and average hash against the verifier's own image. */
      method: 'image-match';
      grading: Grading;
      match_cosine_ppm: number;
      least_cosine_ppm: number;
      /** Of 64 bits. */
      most_hash_bits: number;
    }
  | {
      /** Embedding cosine, several perceptual hashes and the safety flag against the verifier's own image. */
      method: 'image-similarity';
      grading: Grading;
      match_ppm: number;
    }
  | {
      /** An open category: prompt adherence and aesthetics, whatever the model. */
      method: 'open-image';
      adherence_share_ppm: number;
      /** Aesthetic scores, in thousandths, that count as 0 and as 1. */
      aesthetic_zero_milli: number;
      aesthetic_one_milli: number;
    }
  | { method: 'embedding-cosine'; grading: Grading; match_cosine_ppm: number };

/** Speed is x = max(time - overhead, 0) / units, held against a mean; slower answers fall off with the variance. */
export interface TaskSpeed {
  overhead_ms: number;
  /** Microseconds that one unit takes. */
  mean_us: number;
  /** Thousandths per second. */
  variance_milli: number;
}

/** What a request may hold at most; sizes of images are those of their base64 text. */
export interface TaskLimits {
  /** UTF-8 bytes of all its text. */
  text_bytes: number;
  image_min_bytes: number;
  image_max_bytes: number;
  tokens: number;
  steps: number;
  images: number;
}

/** One step of a composed workflow; it is given the image of the step before, the first that of the request. */
export interface TaskStep {
  kind: TaskKind;
  model: string;
}

/** Something that miners may serve and that pays. */
export interface Task {
  name: string;
  kind: TaskKind;
  /** A task that is not is kept and shown, and neither asked for nor paid. */
  enabled: boolean;
  /** What backends are asked for; null: an open category, whose miners choose. */
  model: string | null;
  /** Of an `avatar`; else empty. */
  workflow: readonly TaskStep[];
  /** Share of the emission of inference; those of enabled tasks add up to 1,000,000. */
  weight_ppm: number;
  timeout_ms: number;
  unit: VolumeUnit;
  /** Length of the interval that a stated volume is for. */
  period_ms: number;
  /** Which of a period's synthetic requests are scored: every one, or one that the miner can't tell from the rest. */
  scored: 'all' | 'one';
  speed: TaskSpeed;
  check: TaskCheck;
  limits: TaskLimits;
}

/** The tasks of a network, by name (code units); pinned by the SHA-256 of its canonical JSON in evidence. */
export interface TaskList {
  version: 1;
  tasks: readonly Task[];
}
