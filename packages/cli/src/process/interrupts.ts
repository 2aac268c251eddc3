import type { EventEmitter } from 'node:events';

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type InterruptName = keyof typeof codes;

/** Ctrl-C and its kin while something is under way. */
export interface Interrupts {
  /** Aborted by the first signal: drain and report. */
  readonly signal: AbortSignal;
  /** 128 + signal number of the first one; null while there was none. */
  readonly exitCode: number | null;
  /** Hands the signals back to the system's own treatment. */
  dispose(): void;
}

/** Watches for signals; the first asks for an orderly end, the second calls `endNow` with the exit code. */
export function watchInterrupts(
  endNow: (exitCode: number) => void,
  source: Pick<EventEmitter, 'on' | 'off'> = process,
): Interrupts {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const receive = (name: InterruptName): void => {
    if (exitCode !== null) {
      endNow(codes[name]);
      return;
    }
    exitCode = codes[name];
    controller.abort(name);
  };
  const listeners = (Object.keys(codes) as InterruptName[]).map(
    (name) => [name, () => receive(name)] as const,
  );
  for (const [name, listener] of listeners) source.on(name, listener);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    dispose() {
      for (const [name, listener] of listeners) source.off(name, listener);
    },
  };
}
