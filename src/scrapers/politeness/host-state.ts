import { keyspace } from '../../redis/keys.ts';

/**
 * Prefix of what all crawls of a hotkey know of a host, each a hash:
 * `turn` when the next free turn is, `delay` how far turns lie apart, `until` when the host may be asked again (all in microseconds),
 * `strikes` how often in a row it asked to wait.
 */
export function hostStatePrefix(hotkey: string): string {
  return keyspace(hotkey)('host', '');
}
