import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StackStateError } from './errors.ts';

export const partNames = ['redis-index', 'redis-state', 'temporal', 'chain'] as const;
/** The parts that run as processes. */
export type PartName = (typeof partNames)[number];

const urlsSchema = z.object({
  /** host:port of the gRPC front end. */
  temporal: z.string(),
  /** null where a Temporal of the user's own is used, whose UI we don't know. */
  temporalUi: z.string().nullable(),
  redisIndex: z.string(),
  redisState: z.string(),
  /** WebSocket endpoint. */
  chain: z.string(),
  /** Path of an executable. */
  chromium: z.string(),
});
/** Where everything finds the parts. */
export type StackUrls = z.infer<typeof urlsSchema>;

const processSchema = z.object({
  pid: z.number().int().positive(),
  /** With the pid it names the process for good; see setup/process-identity.mjs. */
  startTime: z.string(),
});

const recordSchema = z.object({
  name: z.enum(partNames),
  /** Leader of the part's own process group. */
  ...processSchema.shape,
  ports: z.array(z.number().int()),
  log: z.string(),
});
export type PartRecord = z.infer<typeof recordSchema>;

const stateSchema = z.object({
  version: z.literal(1),
  startedAt: z.string(),
  launcher: processSchema,
  urls: urlsSchema.partial(),
  parts: z.array(recordSchema),
});
/** What `<dir>/stack.json` holds. */
export type StackState = z.infer<typeof stateSchema>;

export function stateFile(dir: string): string {
  return join(dir, 'stack.json');
}

/** The stack recorded in that folder; undefined when there is none. Throws `StackStateError`. */
export function readState(dir: string): StackState | undefined {
  const file = stateFile(dir);
  if (!existsSync(file)) return undefined;
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new StackStateError(file, error);
  }
}

/** Replaces the record in one step, so that a reader never sees half of it. */
export function writeState(dir: string, state: StackState): void {
  mkdirSync(dir, { recursive: true });
  const draft = `${stateFile(dir)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(draft, stateFile(dir));
}

export function removeState(dir: string): void {
  rmSync(stateFile(dir), { force: true });
}
