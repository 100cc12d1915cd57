import type { Redis } from 'ioredis';
import { keyspace } from '../redis/keys.ts';
import { loadScript } from '../redis/scripts.ts';
import { CLOCK_MARGIN_MS } from './seen-ids.ts';
import type { SynapseNonces } from './synapse-nonces.ts';

const advanceNonce = loadScript(new URL('./commands/advance-nonce.lua', import.meta.url));

export interface StoredNoncesOptions {
  redis: Redis;
  hotkey: string;
  now: () => number;
}

/**
 * Highest nonces in the `state` Redis (durable, appendfsync always), one key an endpoint: they outlive this process, and several servers of one hotkey
 * share them.
 */
export function createStoredNonces({ redis, hotkey, now }: StoredNoncesOptions): SynapseNonces {
  const key = keyspace(hotkey);
  return {
    async advance(endpoint, nonce, expiresAtMs) {
      const lifetimeMs = Math.max(0, Math.ceil(expiresAtMs - now())) + CLOCK_MARGIN_MS;
      return (await advanceNonce(redis, [key('nonce', endpoint)], [String(nonce), lifetimeMs])) === 1;
    },
  };
}
