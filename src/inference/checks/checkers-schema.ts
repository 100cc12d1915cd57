import { z } from 'zod';
import { embeddedEntry, engineModel, localFile, openaiMembers } from '../backends/entry-members.ts';
import { taskName } from '../tasks/schema.ts';

/** A check that takes longer holds up a period's others. */
const MAX_TIMEOUT_MS = 600_000;
const DEFAULT_TIMEOUT_MS = 120_000;
const MAX_CONNECTIONS = 1024;

const openai = z.strictObject({
  ...openaiMembers,
  /** Requests at a time. */
  connections: z.int().min(1).max(MAX_CONNECTIONS).default(8),
});
/** What makes the validator's own answers, and reads miners'. */
const backend = z.discriminatedUnion('kind', [openai, embeddedEntry]);

/** How an engine of OpenAI's API is had to read an answer; an embedded model reads by itself. */
const prefill = z.strictObject({
  way: z.enum(['vllm', 'echo']),
  /** Texts of the tokens that end an answer; else those of common models. */
  end_tokens: z.array(z.string().max(64)).min(1).max(32).optional(),
  /** Of `echo`: how a chat is written as one text. */
  chat: z
    .strictObject({
      turn: z
        .string()
        .max(1000)
        .regex(/\{content\}/, 'holds no {content}'),
      answer: z.string().max(1000),
    })
    .optional(),
});

const encoder = z.discriminatedUnion('kind', [
  /** Coarse shades and no model: for the stand-in's images. */
  z.strictObject({ kind: z.literal('shades') }),
  z.strictObject({ kind: z.literal('onnx'), file: localFile }),
]);

const means = {
  backend: backend.optional(),
  prefill: prefill.optional(),
  encoder: encoder.optional(),
  /** A multimodal chat model, asked about images of open categories. */
  judge: openai.extend({ model: engineModel }).optional(),
  /** Weights of a linear head over the encoder's embedding (JSON). */
  aesthetic_file: localFile.optional(),
  timeout_ms: z.int().min(100).max(MAX_TIMEOUT_MS).optional(),
};

export const checkersFileSchema = z.strictObject({
  version: z.literal(1),
  /** Where a task says nothing. */
  default: z.strictObject(means).default({}),
  tasks: z.record(taskName, z.strictObject(means)).default({}),
});
export type CheckersEntry = z.output<typeof checkersFileSchema>['default'];
export type BackendEntry = z.output<typeof backend>;
export type JudgeEntry = NonNullable<CheckersEntry['judge']>;
export type EncoderEntry = z.output<typeof encoder>;
export type PrefillEntry = z.output<typeof prefill>;

/** The means of one task, the default's where it names none; files as they are found. */
export interface CheckerSpec {
  backend: BackendEntry | null;
  prefill: PrefillEntry | null;
  encoder: EncoderEntry | null;
  judge: JudgeEntry | null;
  aesthetic_file: string | null;
  timeout_ms: number;
}

/** An entry over the default's. */
export function specOf(entry: CheckersEntry, base: CheckersEntry): CheckerSpec {
  return {
    backend: entry.backend ?? base.backend ?? null,
    prefill: entry.prefill ?? base.prefill ?? null,
    encoder: entry.encoder ?? base.encoder ?? null,
    judge: entry.judge ?? base.judge ?? null,
    aesthetic_file: entry.aesthetic_file ?? base.aesthetic_file ?? null,
    timeout_ms: entry.timeout_ms ?? base.timeout_ms ?? DEFAULT_TIMEOUT_MS,
  };
}
