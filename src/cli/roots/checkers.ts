import { readFile } from 'node:fs/promises';
import type { CheckAnswer } from '../../../activities/check-answer.ts';
import { createCheckAnswer } from '../../../activities/grade-answer.ts';
import type { CheckAnswerDeps } from '../../../activities/grade-answer.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { Backend } from '../../inference/backends/backend.ts';
import { createEngineClient } from '../../inference/backends/engine-client.ts';
import { createOpenAiBackend } from '../../inference/backends/openai-backend.ts';
import type { OpenAiBackendOptions } from '../../inference/backends/openai-backend.ts';
import { createOpenedOnce } from '../../inference/checks/opened-once.ts';
import { readAestheticHead } from '../../inference/checks/aesthetic.ts';
import type { TaskChecker } from '../../inference/checks/checker.ts';
import { openCheckersFile } from '../../inference/checks/checkers-file.ts';
import type { Environment } from '../../inference/checks/checkers-file.ts';
import type {
  BackendEntry,
  CheckerSpec,
  EncoderEntry,
  JudgeEntry,
  PrefillEntry,
} from '../../inference/checks/checkers-schema.ts';
import { createEchoPrefill } from '../../inference/checks/echo-prefill.ts';
import type { ImageEncoder } from '../../inference/checks/image-encoder.ts';
import type { Prefill } from '../../inference/checks/prefill.ts';
import type { PrefillOptions } from '../../inference/checks/prefill-options.ts';
import { createShadesEncoder } from '../../inference/checks/shades-encoder.ts';
import { createVllmPrefill } from '../../inference/checks/vllm-prefill.ts';
import type { FileRefused } from '../../inference/file-refused.ts';
import type { NetworkOptions } from '../../net/guarded-fetch.ts';

export interface CheckersOptions {
  /** Setting `validator.checkers_file`. */
  file: string;
  network: NetworkOptions;
  environment: Environment;
  /** Runs a model of a local file. */
  openEmbedded: (modelFile: string) => Promise<{ backend: Backend; prefill: Prefill }>;
  /** Runs an encoder of a local ONNX file. */
  openEncoder: (file: string) => Promise<ImageEncoder>;
  onTrouble?: CheckAnswerDeps['onTrouble'];
  /** Told when a changed file is not in use, with everything that is wrong with it. */
  onRefused?: (error: FileRefused) => void;
  /** @default 2000 */
  pollMs?: number;
}

export interface Checkers {
  checkAnswer: CheckAnswer;
  /** Looks at the file now. */
  poll: () => Promise<void>;
  close: () => Promise<void>;
}

/** The validator's own means by their file, each opened when it is first needed. Throws CheckersRefused. */
export async function createCheckers(options: CheckersOptions): Promise<Checkers> {
  const means = createMeans();
  const file = await openCheckersFile({
    path: options.file,
    environment: options.environment,
    ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    // What the new version does not name any more is closed; a check that is at it is inconclusive.
    onChange: (next) => void means.closeBut([next.base, ...next.tasks.values()]),
    onRefused: options.onRefused,
  });
  const checkAnswer = createCheckAnswer({
    checkerOf: async ({ name }) => {
      const { tasks, base } = file.current();
      return await checkerOf(tasks.get(name) ?? base, means, options);
    },
    ...(options.onTrouble === undefined ? {} : { onTrouble: options.onTrouble }),
  });
  return {
    checkAnswer,
    poll: file.poll,
    close: async () => {
      file.close();
      await means.closeBut([]);
    },
  };
}

/** A backend of texts, images or vectors, and how answers are read by it. */
interface Reader {
  backend: Backend;
  prefill: Prefill | null;
  close: () => Promise<void>;
}

function createMeans() {
  const readers = createOpenedOnce<Reader>();
  const encoders = createOpenedOnce<ImageEncoder>();
  const judges = createOpenedOnce<Backend>();
  return {
    ...{ readers, encoders, judges },
    closeBut: async (specs: readonly CheckerSpec[]): Promise<void> => {
      await Promise.all([
        readers.closeBut(specs.map(readerKey)),
        encoders.closeBut(specs.map(({ encoder }) => canonicalJson(encoder))),
        judges.closeBut(specs.map(({ judge }) => canonicalJson(judge))),
      ]);
    },
  };
}

async function checkerOf(
  spec: CheckerSpec,
  { readers, encoders, judges }: ReturnType<typeof createMeans>,
  options: CheckersOptions,
): Promise<TaskChecker> {
  const { backend, encoder, judge, aesthetic_file: head } = spec;
  const [reader, eyes, asked, aesthetic] = await Promise.all([
    backend === null ? null : readers.open(readerKey(spec), () => openReader(backend, spec, options)),
    encoder === null ? null : encoders.open(canonicalJson(encoder), () => openEncoder(encoder, options)),
    judge === null ? null : judges.open(canonicalJson(judge), () => Promise.resolve(openJudge(judge, options))),
    head === null ? null : readFile(head, 'utf8').then(readAestheticHead),
  ]);
  return {
    backend: reader?.backend ?? null,
    prefill: reader?.prefill ?? null,
    encoder: eyes,
    judge: asked === null || judge === null ? null : { backend: asked, model: judge.model },
    aesthetic,
    timeoutMs: spec.timeout_ms,
  };
}

function readerKey({ backend, prefill, timeout_ms }: CheckerSpec): string {
  return canonicalJson({ backend, prefill, timeout_ms });
}

async function openReader(
  backend: BackendEntry,
  { prefill, timeout_ms: timeoutMs }: CheckerSpec,
  { network, environment, openEmbedded }: CheckersOptions,
): Promise<Reader> {
  if (backend.kind === 'embedded') {
    const opened = await openEmbedded(backend.model_file);
    return { ...opened, close: () => opened.backend.close() };
  }
  const engineOptions = openAiOptions(backend, { network, environment });
  const own = createOpenAiBackend(engineOptions);
  const engine = createEngineClient(engineOptions);
  const { model } = engineOptions;
  const how = { engine, timeoutMs, ...(model === undefined ? {} : { model }) };
  return {
    backend: own,
    prefill: prefill === null ? null : prefillOf(prefill, how),
    close: async () => void (await Promise.all([own.close(), engine.close()])),
  };
}

function prefillOf({ way, end_tokens: endTokens, chat }: PrefillEntry, how: PrefillOptions): Prefill {
  const options = { ...how, ...(endTokens === undefined ? {} : { endTokens }) };
  return way === 'vllm'
    ? createVllmPrefill(options)
    : createEchoPrefill({ ...options, ...(chat === undefined ? {} : { chat }) });
}

async function openEncoder(entry: EncoderEntry, { openEncoder: open }: CheckersOptions): Promise<ImageEncoder> {
  if (entry.kind === 'shades') return createShadesEncoder();
  return await open(entry.file);
}

function openJudge(judge: JudgeEntry, options: CheckersOptions): Backend {
  return createOpenAiBackend(openAiOptions(judge, options));
}

function openAiOptions(
  { url, model, api_key_env: variable, connections }: JudgeEntry | Extract<BackendEntry, { kind: 'openai' }>,
  { network, environment }: Pick<CheckersOptions, 'network' | 'environment'>,
): OpenAiBackendOptions {
  const apiKey = variable === undefined ? undefined : environment[variable];
  return {
    ...{ baseUrl: url, network, connections },
    ...(model === undefined ? {} : { model }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}
