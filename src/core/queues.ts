/** The resource that a task queue's workers hold. */
export const POOLS = ['control', 'http', 'browser', 'data', 'chain', 'inference'] as const;
export type Pool = (typeof POOLS)[number];

/** `<hotkey, 8 characters>.<pool>`: nobody's worker may take another operator's task. */
export function taskQueue(hotkey: string, pool: Pool): string {
  return `${hotkey.slice(0, 8)}.${pool}`;
}
