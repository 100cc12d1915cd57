import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { JobProblem } from '../../config/job-file/errors.ts';
import { messageOf } from '../../core/errors.ts';
import { workflowFault } from '../backends/comfyui-workflow.ts';
import type { ComfyWorkflow } from '../backends/comfyui-workflow.ts';
import { problemOf, readFileText } from '../file-text.ts';
import { ServeFileRefused } from './errors.ts';
import { serveFileSchema } from './schema.ts';
import type { BackendSpec, ServeEntry } from './schema.ts';

/** A backend with all that its entry leads to: files read, secrets found. Holds secrets. */
export type Engine =
  | { kind: 'openai'; url: string; model?: string; apiKey?: string }
  | { kind: 'comfyui'; url: string; workflow: ComfyWorkflow }
  | { kind: 'automatic1111'; url: string; model?: string; upscaleFactor?: number }
  | { kind: 'embedded'; modelFile: string };

/** One task that is served, and by what: one engine, or one for each step of a composed workflow. */
export interface Serving extends Pick<ServeEntry, 'task' | 'volume' | 'concurrency' | 'queue_places'> {
  engines: readonly Engine[];
  isSteps: boolean;
}

export interface ParseContext {
  /** The environment that `api_key_env` names variables of. */
  env: Readonly<Record<string, string | undefined>>;
  /** @default reads the file */
  readText?: (path: string) => string;
}

/**
 * Reads a file of what a miner serves, TOML or JSON by its ending; files that it names lie relative to it.
 * @throws ServeFileRefused with everything that is wrong
 */
export function parseServeFile(text: string, path: string, context: ParseContext): Serving[] {
  const read = readFileText(text, path);
  if ('problems' in read) throw new ServeFileRefused(path, read.problems);
  const parsed = serveFileSchema.safeParse(read.value);
  if (!parsed.success) {
    throw new ServeFileRefused(
      path,
      parsed.error.issues.map((issue) => problemOf(issue, '')),
    );
  }
  const { serve } = parsed.data;
  const problems: JobProblem[] = serve.flatMap(({ task }, index) => {
    const isTwice = serve.findIndex((other) => other.task === task) < index;
    return isTwice ? [{ place: `serve[${index}].task`, why: `${task} is served by another entry already` }] : [];
  });
  const serving = serve.map(({ backend, steps, ...entry }, index) => {
    const specs = steps ?? (backend === undefined ? [] : [backend]);
    const engines = specs.flatMap((spec, step) => {
      const place = `serve[${index}].${steps === undefined ? 'backend' : `steps[${step}]`}`;
      const found = engineOf(spec, place, dirname(path), context);
      if ('engine' in found) return [found.engine];
      problems.push(found.problem);
      return [];
    });
    return { ...entry, engines, isSteps: steps !== undefined };
  });
  if (problems.length > 0) throw new ServeFileRefused(path, problems);
  return serving;
}

function engineOf(
  spec: BackendSpec,
  place: string,
  folder: string,
  { env, readText = (path) => readFileSync(path, 'utf8') }: ParseContext,
): { engine: Engine } | { problem: JobProblem } {
  switch (spec.kind) {
    case 'openai': {
      const { kind, url, model, api_key_env: variable } = spec;
      const apiKey = variable === undefined ? undefined : env[variable];
      if (variable !== undefined && !apiKey) {
        return { problem: { place: `${place}.api_key_env`, why: `the environment variable ${variable} is not set` } };
      }
      return {
        engine: { kind, url, ...(model === undefined ? {} : { model }), ...(apiKey === undefined ? {} : { apiKey }) },
      };
    }
    case 'comfyui': {
      const read = workflowIn(resolve(folder, spec.workflow_file), readText);
      if ('why' in read) return { problem: { place: `${place}.workflow_file`, why: read.why } };
      return { engine: { kind: 'comfyui', url: spec.url, workflow: read.workflow } };
    }
    case 'automatic1111': {
      const { kind, url, model, upscale_factor: upscaleFactor } = spec;
      const more = upscaleFactor === undefined ? {} : { upscaleFactor };
      return { engine: { kind, url, ...(model === undefined ? {} : { model }), ...more } };
    }
    case 'embedded':
      return { engine: { kind: 'embedded', modelFile: resolve(folder, spec.model_file) } };
  }
}

function workflowIn(path: string, readText: (path: string) => string): { workflow: ComfyWorkflow } | { why: string } {
  try {
    const value: unknown = JSON.parse(readText(path));
    const fault = workflowFault(value, []);
    return fault === null ? { workflow: value as ComfyWorkflow } : { why: `${path} ${fault}` };
  } catch (error) {
    return { why: messageOf(error) };
  }
}
