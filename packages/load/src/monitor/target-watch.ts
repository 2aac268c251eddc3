import type { TargetMetrics } from '../collect/run-summary.ts';
import type { Reading, ReadingUnit, TargetMonitor } from './target-monitor.ts';

/** Points kept one by one; of a longer run every second one is left out. */
const MOST_POINTS = 7200;
const MOST_SERIES = 60;

interface Series {
  readonly name: string;
  readonly unit: ReadingUnit;
  readonly source: string;
  points: { readonly t: number; readonly value: number }[];
}

/**
 * Keeps what monitors read, on the timeline of a run. A monitor that fails is said once and asked again; it never
 * disturbs the run, nor does one that takes its time: it is left out until it has answered.
 */
export class TargetWatch {
  readonly #monitors: readonly TargetMonitor[];
  readonly #pending = new Map<TargetMonitor, Promise<void>>();
  readonly #series = new Map<string, Series>();
  readonly #problems = new Map<TargetMonitor, string>();

  constructor(monitors: readonly TargetMonitor[]) {
    this.#monitors = monitors;
  }

  /** Reads once without keeping anything: figures that are differences begin here. */
  async begin(): Promise<void> {
    await Promise.all(this.#monitors.map((monitor) => this.#read(monitor, null)));
  }

  /** Asks every monitor that is not still busy; `t` is in seconds since the start. */
  look(t: number): void {
    for (const monitor of this.#monitors) {
      if (this.#pending.has(monitor)) continue;
      const reading = this.#read(monitor, t).finally(() => this.#pending.delete(monitor));
      this.#pending.set(monitor, reading);
    }
  }

  /** Waits for what was asked, then lets go of the target. */
  async end(): Promise<void> {
    await Promise.all(this.#pending.values());
    await Promise.all(this.#monitors.map((monitor) => this.#close(monitor)));
  }

  metrics(): TargetMetrics {
    return {
      series: [...this.#series.values()].map((series) => ({
        ...series,
        points: [...series.points],
      })),
      problems: [...this.#problems.values()],
    };
  }

  async #read(monitor: TargetMonitor, t: number | null): Promise<void> {
    try {
      const readings = await monitor.read();
      if (t !== null) for (const reading of readings) this.#keep(monitor, reading, t);
    } catch (error) {
      this.#fail(monitor, error);
    }
  }

  async #close(monitor: TargetMonitor): Promise<void> {
    try {
      await monitor.close();
    } catch (error) {
      this.#fail(monitor, error);
    }
  }

  #keep(monitor: TargetMonitor, { name, unit, value }: Reading, t: number): void {
    const key = `${monitor.source}\n${name}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= MOST_SERIES) {
        this.#fail(
          monitor,
          new Error(`More than ${MOST_SERIES} figures of the target. Ask for fewer.`),
        );
        return;
      }
      series = { name, unit, source: monitor.source, points: [] };
      this.#series.set(key, series);
    }
    series.points.push({ t, value });
    if (series.points.length > MOST_POINTS) {
      series.points = series.points.filter((_, index) => index % 2 === 1);
    }
  }

  #fail(monitor: TargetMonitor, error: unknown): void {
    if (this.#problems.has(monitor)) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#problems.set(monitor, `${monitor.source} could not be read: ${message}`);
  }
}
