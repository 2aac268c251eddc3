/** The promise, unless `timeoutMs` pass first, or the signal aborts: then the error of these. */
export async function within<Value>(
  promise: Promise<Value>,
  timeoutMs: number,
  timedOut: () => Error,
  signal?: AbortSignal,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut()), timeoutMs);
    onAbort = () => reject(signal!.reason as Error);
    signal?.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort!);
  }
}
