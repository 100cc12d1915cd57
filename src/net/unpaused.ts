/**
 * For `highWaterMark` of a request: bodies wait for their reader in memory, where each is bounded. undici 7 throws where nobody can catch it when a
 * server closes its connection while a body waits (nodejs/undici#5360, mended in versions that need a newer Node): any server could end a process so.
 */
export const UNPAUSED_BYTES = Number.MAX_SAFE_INTEGER;
