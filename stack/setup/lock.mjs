import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStartTime } from './process-identity.mjs';

/**
 * Runs `work` while holding a lock file, waiting for whoever holds it. The file names its holder by pid and start time,
 * so a lock left by a killed process is taken over at once.
 * @template T
 * @param {string} file
 * @param {(holderPid: number) => void} onWait called once when another process holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, startTime: processStartTime(process.pid) });
  let told = false;
  while (!tryLock(file, mine)) {
    const holder = readHolder(file);
    if (holder === undefined) continue;
    if (processStartTime(holder.pid) === holder.startTime) {
      if (!told) onWait(holder.pid);
      told = true;
      await sleep(250);
    } else {
      removeStale(file, holder.text);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Creates the file with its whole content in one step (link fails if it exists). */
function tryLock(file, content) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file) {
  try {
    const text = readFileSync(file, 'utf8');
    return { ...JSON.parse(text), text };
  } catch {
    return undefined; // Released between our try and this read.
  }
}

/** Moves the lock aside and drops it, unless another process has replaced it by its own since it was read. */
function removeStale(file, staleText) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== staleText) linkSync(aside, file);
  } catch {
    // Someone else took it over first: the next try will show.
  } finally {
    rmSync(aside, { force: true });
  }
}
