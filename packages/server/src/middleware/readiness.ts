/** Resolves where what it looks at is there; rejects, or gives false, where it is not. `signal` aborts when its time is up. */
export type ReadinessCheck = (signal: AbortSignal) => unknown;

type CheckResult = 'ok' | 'failed' | 'timed out';

export interface ReadinessReport {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** All at once, each for `timeoutMs` at most. */
export async function runChecks(
  checks: Readonly<Record<string, ReadinessCheck>>,
  timeoutMs: number,
): Promise<ReadinessReport> {
  const results = await Promise.all(
    Object.entries(checks).map(
      async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const,
    ),
  );
  const isReady = results.every(([, result]) => result === 'ok');
  return { isReady, checks: Object.fromEntries(results) };
}

async function runCheck(check: ReadinessCheck, timeoutMs: number): Promise<CheckResult> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve('timed out'), timeoutMs);
  });
  try {
    return await Promise.race([late, judged(check, controller.signal)]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

async function judged(check: ReadinessCheck, signal: AbortSignal): Promise<CheckResult> {
  try {
    return (await check(signal)) === false ? 'failed' : 'ok';
  } catch {
    return 'failed';
  }
}
