import { closeSync, openSync, readSync } from 'node:fs';
import { performance, PerformanceObserver } from 'node:perf_hooks';
import {
  CPU_MS,
  GC_COUNT,
  GC_MAX_MS,
  GC_TOTAL_MS,
  LOOP_ACTIVE_MS,
  RUN_QUEUE_WAIT_MS,
  SPIN_MS,
  WATCHED_MS,
} from '../collect/tally.ts';
import type { Tally } from '../collect/tally.ts';

const NANOS_PER_MS = 1e6;
/** Busy for this share of a look, without spinning, the thread had no pause in which it could have caught up. */
const SATURATED_SHARE = 0.97;
const LOOK_EVERY_MS = 100;

/** Processor time a thread has had, and time it was ready to run but had to wait for a processor. */
interface ProcessorTimes {
  readonly cpuMs: number;
  /** Null where the system does not tell. */
  readonly waitMs: number | null;
}

/** Reads the times of the calling thread; null when only the whole process can be seen. */
interface ProcessorMeter {
  read(): ProcessorTimes;
  close(): void;
}

/**
 * Linux counts both per thread in `/proc/thread-self/schedstat` (kernel documentation, "Scheduler Statistics"); elsewhere
 * the processor time of the process stands in and waiting stays unknown.
 */
function openProcessorMeter(): ProcessorMeter {
  let file: number;
  try {
    file = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return {
      read: () => {
        const { user, system } = process.cpuUsage();
        return { cpuMs: (user + system) / 1000, waitMs: null };
      },
      close: () => undefined,
    };
  }
  const text = Buffer.alloc(96);
  return {
    read: () => {
      const length = readSync(file, text, 0, text.length, 0);
      const [cpuNs, waitNs] = text.toString('latin1', 0, length).split(' ');
      return { cpuMs: Number(cpuNs) / NANOS_PER_MS, waitMs: Number(waitNs) / NANOS_PER_MS };
    },
    close: () => closeSync(file),
  };
}

/** Time passed by going round the event loop with nothing to do but wait for a due time. */
export interface Spinning {
  readonly spins: number;
  readonly spinMs: number;
}

/** A static that the type definitions of this Node version leave out (Performance Timeline, W3C). */
interface ObserverStatics {
  readonly supportedEntryTypes: readonly string[];
}

/**
 * Watches the thread it is made in: processor time, waiting for a processor, event-loop utilisation and garbage
 * collection go into the tally ten times a second, so that the report can say whether the generator kept up.
 */
export class ProcessorWatch {
  readonly #tally: Tally;
  readonly #meter = openProcessorMeter();
  readonly #spinning: () => Spinning;
  #timer: NodeJS.Timeout | null = null;
  #observer: PerformanceObserver | null = null;
  #startedAt = 0;
  #startCpuMs = 0;
  #startWaitMs: number | null = null;
  #startLoop = performance.eventLoopUtilization();
  #lookedAt = 0;
  #lookBusyMs = 0;
  #lookSpins = 0;
  #startSpinMs = 0;
  #saturated = false;

  constructor(tally: Tally, spinning: () => Spinning) {
    this.#tally = tally;
    this.#spinning = spinning;
  }

  /** Whether the thread was busy throughout the last tenth of a second with work, not with spinning. */
  readonly isSaturated = (): boolean => this.#saturated;

  start(): void {
    this.restart();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.#watchGarbageCollection();
  }

  /** Begins again from zero, as at the end of a warm-up. */
  restart(): void {
    const { cpuMs, waitMs } = this.#meter.read();
    this.#startedAt = performance.now();
    this.#startCpuMs = cpuMs;
    this.#startWaitMs = waitMs;
    this.#startLoop = performance.eventLoopUtilization();
    this.#lookedAt = this.#startedAt;
    this.#lookBusyMs = cpuMs + (waitMs ?? 0);
    const { spins, spinMs } = this.#spinning();
    this.#lookSpins = spins;
    this.#startSpinMs = spinMs;
  }

  look(): void {
    const { cpuMs, waitMs } = this.#meter.read();
    const now = performance.now();
    const { counters } = this.#tally;
    counters[CPU_MS] = cpuMs - this.#startCpuMs;
    counters[RUN_QUEUE_WAIT_MS] =
      waitMs === null || this.#startWaitMs === null ? Number.NaN : waitMs - this.#startWaitMs;
    counters[WATCHED_MS] = now - this.#startedAt;
    counters[LOOP_ACTIVE_MS] = performance.eventLoopUtilization(this.#startLoop).active;
    const busyMs = cpuMs + (waitMs ?? 0);
    const { spins, spinMs } = this.#spinning();
    counters[SPIN_MS] = spinMs - this.#startSpinMs;
    const lookMs = now - this.#lookedAt;
    this.#saturated =
      spins === this.#lookSpins && busyMs - this.#lookBusyMs >= SATURATED_SHARE * lookMs;
    this.#lookedAt = now;
    this.#lookBusyMs = busyMs;
    this.#lookSpins = spins;
  }

  stop(): void {
    this.look();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#observer?.disconnect();
    this.#meter.close();
  }

  #watchGarbageCollection(): void {
    // Bun has no such entries; its figures stay zero.
    const { supportedEntryTypes } = PerformanceObserver as unknown as ObserverStatics;
    if (!supportedEntryTypes.includes('gc')) return;
    this.#observer = new PerformanceObserver((list) => {
      const { counters } = this.#tally;
      for (const entry of list.getEntries()) {
        counters[GC_COUNT]! += 1;
        counters[GC_TOTAL_MS]! += entry.duration;
        counters[GC_MAX_MS] = Math.max(counters[GC_MAX_MS]!, entry.duration);
      }
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }
}
