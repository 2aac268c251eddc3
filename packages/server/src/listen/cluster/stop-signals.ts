import { constants } from 'node:os';

type EndingSignal = 'SIGTERM' | 'SIGINT';

/** What keeps a process alive after its server has ended is not waited for any longer than this. */
const LEFTOVER_MS = 1_000;

/** Calls `stop` at the first of the signals, and ends the process at the second. What it returns stops listening to them. */
export function stopOnSignals(
  stop: () => Promise<void>,
  signals: readonly EndingSignal[] = ['SIGTERM', 'SIGINT'],
): () => void {
  let isStopping = false;
  const onSignal = (signal: EndingSignal): void => {
    if (isStopping) process.exit(128 + constants.signals[signal]);
    isStopping = true;
    void stop().then(
      () => leave(0),
      (error: unknown) => {
        console.error('Server not ended in good order:', error);
        leave(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** Lets the process end by itself, and ends it when it does not. */
export function leave(exitCode: number): void {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), LEFTOVER_MS).unref();
}
