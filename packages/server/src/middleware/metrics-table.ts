import { Histogram } from '@needletail/stats';

/** What was counted of one method, route and status. */
export interface MetricsSeries {
  readonly method: string;
  /** Empty where no route was found. */
  readonly route: string;
  readonly status: string;
  /** Microseconds. */
  readonly durations: Histogram;
  durationSumMs: number;
  bodyBytes: number;
}

/** Others are the client's to invent. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);
const OTHER = 'other';

/** Series in the order they came up, up to a number of them. */
export class MetricsTable {
  readonly #maxSeries: number;
  /** By route, then by status and method: no key has to be built for a request. */
  readonly #byRoute = new Map<string, Map<string, MetricsSeries[]>>();
  readonly #series: MetricsSeries[] = [];
  #other: MetricsSeries | null = null;

  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries;
  }

  count(
    method: string,
    pattern: string | null,
    status: number,
    durationMs: number,
    bodyBytes: number,
  ): void {
    const series = this.#find(METHODS.has(method) ? method : OTHER, pattern ?? '', status);
    series.durations.record(durationMs * 1000);
    series.durationSumMs += durationMs;
    series.bodyBytes += bodyBytes;
  }

  series(): readonly MetricsSeries[] {
    return this.#other === null ? this.#series : [...this.#series, this.#other];
  }

  #find(method: string, route: string, status: number): MetricsSeries {
    let byMethod = this.#byRoute.get(route);
    if (byMethod === undefined) this.#byRoute.set(route, (byMethod = new Map()));
    let byStatus = byMethod.get(method);
    if (byStatus === undefined) byMethod.set(method, (byStatus = []));
    return byStatus[status] ?? this.#add(byStatus, method, route, status);
  }

  #add(byStatus: MetricsSeries[], method: string, route: string, status: number): MetricsSeries {
    if (this.#series.length >= this.#maxSeries) {
      return (this.#other ??= seriesOf(OTHER, OTHER, OTHER));
    }
    const series = seriesOf(method, route, String(status));
    byStatus[status] = series;
    this.#series.push(series);
    return series;
  }
}

function seriesOf(method: string, route: string, status: string): MetricsSeries {
  const durations = new Histogram({ digits: 2 });
  return { method, route, status, durations, durationSumMs: 0, bodyBytes: 0 };
}
