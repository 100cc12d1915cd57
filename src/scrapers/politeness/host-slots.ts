import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { getDomain } from 'tldts';
import { keyspace } from '../../redis/keys.ts';
import { loadScript } from '../../redis/scripts.ts';

/** Requests that may be under way at a time, by all workers of a hotkey together. */
export interface SlotLimits {
  perHost: number;
  /** Per registrable domain, as the public suffix list has it; an address is its own. */
  perDomain: number;
}

export interface HostSlots {
  /** Whether a request may begin now; if so it is to be given back when it has ended. */
  take(host: string, limits: SlotLimits): Promise<boolean>;
  give(host: string): void;
}

/**
 * Slots lie in Redis and run out there, so that a killed worker holds none for long. Between two requests to a host a worker
 * keeps its slot, which spares Redis most requests; each is given back after a second at the latest, for others to have.
 */
export function createHostSlots(redis: Redis, hotkey: string): HostSlots {
  const key = keyspace(hotkey);
  const worker = randomUUID();
  const hosts = new Map<string, HeldSlots>();
  let named = 0;
  let sweep: NodeJS.Timeout | null = null;
  let renewedAtMs = Date.now();

  /** Gives idle slots back and renews those in use, as long as there are any. */
  function look(): void {
    const now = Date.now();
    for (const [host, held] of hosts) {
      const stale = held.idle.filter(({ idleSinceMs }) => now - idleSinceMs >= IDLE_MS);
      held.idle = held.idle.filter(({ idleSinceMs }) => now - idleSinceMs < IDLE_MS);
      for (const slot of stale) release(held, slot);
      if (held.idle.length + held.used.length === 0) hosts.delete(host);
    }
    if (now - renewedAtMs >= RENEW_MS) {
      renewedAtMs = now;
      renew();
    }
    if (hosts.size === 0 && sweep !== null) {
      clearInterval(sweep);
      sweep = null;
    }
  }

  function release(held: HeldSlots, { name }: Slot): void {
    // What fails here runs out by itself.
    Promise.all([redis.zrem(held.keys.host, name), redis.zrem(held.keys.domain, name)]).catch(() => undefined);
  }

  function renew(): void {
    const all = [...hosts.values()].flatMap(({ keys, used, idle }) =>
      [...used, ...idle].map(({ name }) => ({ keys, name })),
    );
    if (all.length === 0) return;
    const names = all.flatMap(({ keys }) => [keys.host, keys.domain]);
    renewSlots(redis, names, [LASTS_MS, ...all.flatMap(({ name }) => [name, name])]).catch(() => undefined);
  }

  function heldOf(host: string): HeldSlots {
    let held = hosts.get(host);
    if (held === undefined) {
      const domain = domainOf(host);
      const keys = {
        host: key('slots', host),
        workers: key('slots', 'workers', host),
        domain: key('slots', 'of', domain),
      };
      held = { keys, used: [], idle: [], asking: 0 };
      hosts.set(host, held);
    }
    return held;
  }

  return {
    async take(host, { perHost, perDomain }) {
      const held = heldOf(host);
      const kept = held.idle.pop();
      if (kept !== undefined) {
        held.used.push(kept);
        return true;
      }
      const name = `${worker}:${(named += 1)}`;
      const { keys } = held;
      const mine = held.used.length + held.asking;
      held.asking += 1;
      sweep ??= setInterval(look, IDLE_MS).unref();
      try {
        const args = [name, worker, mine, perHost, perDomain, LASTS_MS, REMEMBERED_MS];
        const taken = (await takeSlot(redis, [keys.host, keys.workers, keys.domain], args)) === 1;
        // The entry may have been swept while the answer was under way.
        if (taken) heldOf(host).used.push({ name, takenAtMs: Date.now(), idleSinceMs: 0 });
        return taken;
      } finally {
        held.asking -= 1;
      }
    },
    give(host) {
      const held = hosts.get(host);
      const slot = held?.used.pop();
      if (held === undefined || slot === undefined) return;
      const now = Date.now();
      if (now - slot.takenAtMs >= KEPT_MS) release(held, slot);
      else held.idle.push({ ...slot, idleSinceMs: now });
    },
  };
}

interface Slot {
  name: string;
  takenAtMs: number;
  idleSinceMs: number;
}

interface HeldSlots {
  keys: { host: string; workers: string; domain: string };
  used: Slot[];
  idle: Slot[];
  /** Requests for a slot that Redis has not answered. */
  asking: number;
}

/** Registrable domain of `host` or `host:port`. */
function domainOf(host: string): string {
  return getDomain(host, { allowPrivateDomains: true }) ?? host.replace(/:\d+$/, '');
}

/** A killed worker's slots are free after that; a living one renews its own twice before. */
const LASTS_MS = 15_000;
const RENEW_MS = 5000;
/** A worker that asked for a slot counts as one to share with. */
const REMEMBERED_MS = 5000;
/** Others get their turn after that. */
const KEPT_MS = 1000;
const IDLE_MS = 100;

const takeSlot = loadScript(new URL('../commands/take-slot.lua', import.meta.url));
const renewSlots = loadScript(new URL('../commands/renew-slots.lua', import.meta.url));
