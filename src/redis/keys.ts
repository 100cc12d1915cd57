/**
 * Keys of one operator's data: `seine:{<hotkey>}:<part>:…`. The braces are Redis Cluster's hash tag: all of an operator's
 * keys live in one slot, so that a script may touch several of them.
 */
export function keyspace(hotkey: string): (...parts: (string | number)[]) => string {
  return (...parts) => `seine:{${hotkey}}:${parts.join(':')}`;
}
