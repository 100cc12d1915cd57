import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../src/core/errors.ts';
import type { Environment } from './environment.ts';
import { PartFailedError } from './errors.ts';
import { listensOn } from './port-owner.ts';
import { freePorts } from './ports.ts';
import { groupMembers, isAlive, stackMarker, stopGroup } from './process-group.ts';
import { processStartTime } from './setup/process-identity.mjs';
import type { PartName, PartRecord } from './state-file.ts';

export interface Command {
  readonly executable: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
}

/** A server that the stack runs as a process group of its own. */
export interface LocalPart {
  readonly name: PartName;
  /** Taken where they are free. */
  readonly preferredPorts: readonly number[];
  readonly timeoutMs: number;
  readonly command: (ports: readonly number[]) => Command;
  /** Resolves when the server at these ports serves; throws when it does not yet. */
  readonly probe: (ports: readonly number[]) => Promise<void>;
}

export interface StartContext {
  readonly dir: string;
  readonly log: (line: string) => void;
  /** Called before the part is awaited, so that nothing runs unrecorded. */
  readonly record: (part: PartRecord) => void;
  /** Gives up, and stops what was begun. */
  readonly signal?: AbortSignal | undefined;
}

const maxAttempts = 5;
const pollMs = 50;
const stopGraceMs = 5_000;
const portTaken = /address already in use|EADDRINUSE|port \d+ is taken/i;

export function logFile(dir: string, name: PartName): string {
  return `${dir}/logs/${name}.log`;
}

/** Starts a part and waits until it serves. Tries other ports when someone took ours meanwhile. Throws `PartFailedError`. */
export async function startPart(part: LocalPart, context: StartContext): Promise<PartRecord> {
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(part.preferredPorts);
    context.signal?.throwIfAborted();
    const log = logFile(context.dir, part.name);
    const running = launch(part, ports, log, context);
    const failure = await waitUntilServing(part, running, context.signal);
    if (failure === undefined) return running.record;
    await stopGroup(running.record, stopGraceMs);
    context.signal?.throwIfAborted();
    const output = readFileSync(log, 'utf8').slice(running.logOffset);
    if (attempt < maxAttempts && portTaken.test(output)) {
      context.log(`${part.name}: port taken meanwhile, trying another`);
      continue;
    }
    throw new PartFailedError(part.name, failure, log, output.trimEnd().split('\n').slice(-15).join('\n'));
  }
}

interface Running {
  readonly record: PartRecord;
  /** Where this start begins in the log, in characters: earlier starts are before it. */
  readonly logOffset: number;
}

function launch(part: LocalPart, ports: readonly number[], log: string, context: StartContext): Running {
  const command = part.command(ports);
  mkdirSync(dirname(log), { recursive: true });
  mkdirSync(command.cwd, { recursive: true });
  const output = openSync(log, 'a');
  const logOffset = statSync(log).size === 0 ? 0 : readFileSync(log, 'utf8').length;
  try {
    // An own process group, in a session of its own: Ctrl-C reaches the launcher alone, which stops the parts in order.
    const child = spawn(command.executable, command.args, {
      cwd: command.cwd,
      env: { ...command.env, [stackMarker]: context.dir },
      detached: true,
      stdio: ['ignore', output, output],
    });
    child.on('error', () => undefined); // Seen below: no pid.
    child.unref();
    const startTime = child.pid === undefined ? undefined : processStartTime(child.pid);
    if (child.pid === undefined) {
      throw new PartFailedError(part.name, `${command.executable} could not be run`, log, '');
    }
    const record = { name: part.name, pid: child.pid, startTime: startTime ?? 'ended', ports: [...ports], log };
    context.record(record);
    return { record, logOffset };
  } finally {
    closeSync(output);
  }
}

/** Undefined when it serves, else why it does not. */
async function waitUntilServing(
  part: LocalPart,
  running: Running,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const deadline = Date.now() + part.timeoutMs;
  let lastTrouble = 'no answer';
  while (Date.now() < deadline) {
    if (signal?.aborted === true) return 'interrupted';
    if (!isAlive(running.record)) return 'it ended at once';
    try {
      await part.probe(running.record.ports);
      if (isAlive(running.record) && ownsItsPorts(running.record)) return undefined;
      lastTrouble = 'another server has its port';
    } catch (error) {
      lastTrouble = messageOf(error);
    }
    await sleep(pollMs);
  }
  return `it did not serve within ${part.timeoutMs / 1000} s (${lastTrouble})`;
}

function ownsItsPorts(record: PartRecord): boolean {
  const pids = groupMembers(record.pid);
  return record.ports.every((port) => listensOn(pids, port) !== false);
}
