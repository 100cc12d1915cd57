/** Rejects when a promise takes longer; what it does is not stopped by that. */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  return untilAborted(promise, AbortSignal.timeout(limitMs));
}

/** Rejects with the signal's reason as soon as it is aborted. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) promise.catch(() => undefined);
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
