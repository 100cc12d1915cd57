import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStartTime } from './setup/process-identity.mjs';

/** Set in the environment of every process of a stack, so that none can hide from `seine stack down`. */
export const stackMarker = 'SEINE_STACK_DIR';

const pollMs = 25;

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** Is this very process still running (and not another one with its number)? */
export function isAlive(process: ProcessIdentity): boolean {
  return processStartTime(process.pid) === process.startTime;
}

/** Living processes of a group. */
export function groupMembers(groupId: number): number[] {
  if (process.platform !== 'linux') {
    const shown = spawnSync('ps', ['-A', '-o', 'pid=,pgid=,stat='], { encoding: 'utf8' }).stdout;
    const rows = shown.split('\n').map((line) => line.trim().split(/\s+/));
    return rows
      .filter((row) => Number(row[1]) === groupId && row[2]?.startsWith('Z') === false)
      .map((row) => Number(row[0]));
  }
  return allPids().filter((pid) => {
    const stat = readProc(pid, 'stat');
    // After the bracketed name: state, parent, group.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[2]) === groupId && fields[0] !== 'Z' && fields[0] !== 'X';
  });
}

/**
 * Living processes that carry the marker of the stack in `dir`, recorded or not: also one whose launcher was killed between
 * start and record. Linux only; elsewhere none.
 */
export function markedProcesses(dir: string): number[] {
  if (process.platform !== 'linux') return [];
  const entry = `${stackMarker}=${dir}`;
  return allPids().filter((pid) => readProc(pid, 'environ').split('\0').includes(entry));
}

/** Asks the group to end, and kills what has not ended after `graceMs`. */
export async function stopGroup(leader: ProcessIdentity, graceMs: number): Promise<void> {
  // A group's number is not given away while a member lives, so a leader that is someone else now has no group of ours.
  const now = processStartTime(leader.pid);
  if (now !== undefined && now !== leader.startTime) return;
  signal(-leader.pid, 'SIGTERM');
  if (await gone(() => groupMembers(leader.pid), graceMs)) return;
  signal(-leader.pid, 'SIGKILL');
  await gone(() => groupMembers(leader.pid), graceMs);
}

/** Kills without asking; for a second Ctrl-C. */
export function killGroup(leader: ProcessIdentity): void {
  if (isAlive(leader)) signal(-leader.pid, 'SIGKILL');
}

/** Ends what still carries the marker of that stack. */
export async function stopMarked(dir: string, graceMs: number): Promise<void> {
  for (const kind of ['SIGTERM', 'SIGKILL'] as const) {
    const found = markedProcesses(dir);
    // Watched by identity from here on: a process that is ending loses its environment before it is gone.
    const identities = found.map((pid) => ({ pid, startTime: processStartTime(pid) ?? 'ended' }));
    for (const pid of found) signal(pid, kind);
    await gone(() => identities.filter(isAlive), graceMs);
  }
}

async function gone(members: () => readonly unknown[], limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (members().length > 0) {
    if (Date.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

function signal(pid: number, kind: NodeJS.Signals): void {
  try {
    process.kill(pid, kind);
  } catch {
    // It has ended meanwhile, which is what was wanted.
  }
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // Gone, or another user's.
  }
}
