import type { Client } from '@needletail/client';
import type { WebSocketConnection } from '@needletail/client/websocket';
import { LOOP_UTILIZATION, type Reading, type TargetMonitor } from './target-monitor.ts';

const TIMEOUT_MS = 2000;

/** What the target answers to one look; delays in milliseconds, null where its runtime has no such monitor. */
interface NodeFigures {
  readonly utilization: number;
  readonly delayMeanMs: number | null;
  readonly delayP99Ms: number | null;
  readonly heapUsedBytes: number;
  readonly residentBytes: number;
}

/**
 * Run inside the target, once a second. It keeps its histogram of event-loop delays in one global symbol, which
 * `CLEAN_UP` takes away again.
 */
const LOOK = `(() => {
  const { monitorEventLoopDelay, performance } =
    (process.getBuiltinModule ?? require)('node:perf_hooks');
  const key = Symbol.for('needletail.monitor');
  let kept = globalThis[key];
  if (kept === undefined) {
    const delays = monitorEventLoopDelay({ resolution: 10 });
    delays.enable();
    kept = { delays, loop: performance.eventLoopUtilization() };
    Object.defineProperty(globalThis, key, { value: kept, configurable: true });
  }
  const { utilization } = performance.eventLoopUtilization(kept.loop);
  kept.loop = performance.eventLoopUtilization();
  const { heapUsed, rss } = process.memoryUsage();
  const isKnown = kept.delays.count > 0;
  // The histogram holds intervals of its own timer: what is beyond the 10 ms asked for is delay.
  const figures = {
    utilization,
    delayMeanMs: isKnown ? Math.max(0, kept.delays.mean / 1e6 - 10) : null,
    delayP99Ms: isKnown ? Math.max(0, kept.delays.percentile(99) / 1e6 - 10) : null,
    heapUsedBytes: heapUsed,
    residentBytes: rss,
  };
  kept.delays.reset();
  return figures;
})()`;

const CLEAN_UP = `(() => {
  const key = Symbol.for('needletail.monitor');
  globalThis[key]?.delays.disable();
  delete globalThis[key];
})()`;

interface Answer {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result: { readonly value?: unknown; readonly description?: string };
    readonly exceptionDetails?: { readonly text: string };
  };
}

/**
 * A Node process started with `--inspect`, through its inspector (Chrome DevTools Protocol, `Runtime.evaluate`): how busy
 * its event loop is, its delays, its memory. To the target this is a connected debugger that evaluates a few lines once a
 * second, and a timer every 10 ms.
 */
export class NodeMonitor implements TargetMonitor {
  readonly source: string;
  readonly #address: string;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #socket: WebSocketConnection | null = null;
  #id = 0;

  /** `host:port` of the inspector. */
  constructor(address: string) {
    this.source = `inspector ${address}`;
    this.#address = address;
  }

  async read(): Promise<readonly Reading[]> {
    if (this.#socket === null || !this.#socket.isOpen) await this.#connect();
    const isFirst = this.#id === 0;
    const figures = (await this.#evaluate(LOOK)) as NodeFigures;
    // The first look only starts the target's own monitors: what it tells is of no interval.
    return isFirst ? [] : readingsOf(figures);
  }

  async close(): Promise<void> {
    if (this.#socket === null) return;
    try {
      if (this.#socket.isOpen) await this.#evaluate(CLEAN_UP);
    } finally {
      await this.#socket.close();
    }
  }

  async #connect(): Promise<void> {
    const [{ Client: Loaded }, { connectWebSocket }] = await Promise.all([
      import('@needletail/client'),
      import('@needletail/client/websocket'),
    ]);
    const client: Client = new Loaded({ timeout: { total: TIMEOUT_MS } });
    try {
      const response = await client.get(`http://${this.#address}/json/list`);
      const [page] = response.json<readonly { readonly webSocketDebuggerUrl?: string }[]>();
      const path = page?.webSocketDebuggerUrl?.replace(/^ws:\/\/[^/]*/, '');
      if (path === undefined) {
        throw new Error('no inspector answers there. Start the target with node --inspect.');
      }
      // The address asked for rather than the one it tells: behind a forwarded port they differ.
      const socket = await connectWebSocket(`ws://${this.#address}${path}`, {
        handshakeTimeoutMs: TIMEOUT_MS,
      });
      socket.onMessage = (message) => this.#receive(message);
      this.#socket = socket;
      this.#id = 0;
    } finally {
      await client.close();
    }
  }

  #receive(message: string | Uint8Array): void {
    if (typeof message !== 'string') return;
    const answer = JSON.parse(message) as Answer;
    if (answer.id === undefined) return;
    this.#answers.get(answer.id)?.(answer);
    this.#answers.delete(answer.id);
  }

  async #evaluate(expression: string): Promise<unknown> {
    const socket = this.#socket!;
    this.#id += 1;
    const id = this.#id;
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#answers.set(id, resolve);
      const timer = setTimeout(
        () => reject(new Error(`the target did not answer within ${TIMEOUT_MS / 1000} s.`)),
        TIMEOUT_MS,
      );
      timer.unref();
    });
    socket.send(
      JSON.stringify({
        id,
        method: 'Runtime.evaluate',
        // `require` is at hand only with the command line's names: modules have none of their own.
        params: { expression, returnByValue: true, includeCommandLineAPI: true },
      }),
    );
    const { error, result } = await answered;
    const problem = error?.message ?? result?.exceptionDetails?.text;
    if (problem !== undefined) {
      throw new Error(`${problem} ${result?.result.description ?? ''}`.trim());
    }
    return result?.result.value;
  }
}

function readingsOf(figures: NodeFigures): readonly Reading[] {
  const { utilization, delayMeanMs, delayP99Ms, heapUsedBytes, residentBytes } = figures;
  const readings: Reading[] = [
    { name: LOOP_UTILIZATION, unit: 'percent', value: 100 * utilization },
  ];
  if (delayMeanMs !== null && delayP99Ms !== null) {
    readings.push(
      { name: 'event loop delay, mean', unit: 'milliseconds', value: delayMeanMs },
      { name: 'event loop delay, p99', unit: 'milliseconds', value: delayP99Ms },
    );
  }
  readings.push(
    { name: 'heap used', unit: 'bytes', value: heapUsedBytes },
    { name: 'memory', unit: 'bytes', value: residentBytes },
  );
  return readings;
}
