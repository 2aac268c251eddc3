import type { TargetLines } from '../scenario/script-thread.ts';
import type { TracedExchange } from './traced-exchange.ts';
import { TracingTransport } from './tracing-transport.ts';

/** The same lines to a target, with each exchange of a user told; `setup` and `teardown` are not traced. */
export function tracedLines(
  lines: TargetLines,
  tell: (exchange: TracedExchange) => void,
): TargetLines {
  return {
    openLine() {
      const line = lines.openLine();
      return { transport: new TracingTransport(line.transport, tell), reset: () => line.reset() };
    },
    plain: lines.plain,
    close: () => lines.close(),
  };
}
