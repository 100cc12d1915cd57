const EVERY_MS = 5_000;

/** Does work that has nothing to report until it is done; the heartbeats meanwhile tell that its worker lives. */
export async function alive<T>(heartbeat: () => void, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(heartbeat, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
