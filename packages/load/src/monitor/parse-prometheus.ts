/** One line of a Prometheus text exposition. */
export interface PrometheusSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Of the family the sample belongs to; `untyped` when the text does not say. */
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';
}

const TYPES: readonly string[] = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];
/** What families of these types add to their name. */
const FAMILY_SUFFIX = /_(?:bucket|sum|count|total|created)$/;
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;

/**
 * Reads the text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), and what OpenMetrics 1.0 adds to
 * it where the two differ in a line's end. Throws an Error that names the line where the text is neither.
 */
export function parsePrometheus(text: string): readonly PrometheusSample[] {
  const types = new Map<string, PrometheusSample['type']>();
  const samples: PrometheusSample[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '') return;
    if (line.startsWith('#')) {
      const [, keyword, name, type] = line.split(/\s+/);
      if (keyword === 'TYPE' && name !== undefined) types.set(name, typeNamed(type));
      return;
    }
    samples.push(parseSample(line, index + 1, types));
  });
  return samples;
}

function typeNamed(type: string | undefined): PrometheusSample['type'] {
  return TYPES.includes(type ?? '') ? (type as PrometheusSample['type']) : 'untyped';
}

function parseSample(
  line: string,
  lineNumber: number,
  types: ReadonlyMap<string, PrometheusSample['type']>,
): PrometheusSample {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw fault('no name of a metric', line, lineNumber);
  const labels = new Map<string, string>();
  let at = name.length;
  if (line[at] === '{') at = readLabels(line, at, labels, lineNumber);
  const [figure] = line.slice(at).trim().split(/\s+/, 1);
  const value = parseValue(figure!);
  if (value === null) throw fault(`"${figure!.slice(0, 40)}" is no number`, line, lineNumber);
  const type = types.get(name) ?? types.get(name.replace(FAMILY_SUFFIX, '')) ?? 'untyped';
  return { name, labels, value, type };
}

/** Reads `{name="value",…}` from `start` into `labels`; gives the place behind it. */
function readLabels(
  line: string,
  start: number,
  labels: Map<string, string>,
  lineNumber: number,
): number {
  let at = start + 1;
  for (;;) {
    while (line[at] === ' ' || line[at] === ',') at += 1;
    if (line[at] === '}') return at + 1;
    const name = LABEL.exec(line.slice(at, at + 200))?.[0];
    if (name === undefined) throw fault('no name of a label', line, lineNumber);
    at += name.length;
    while (line[at] === ' ') at += 1;
    if (line[at] !== '=') throw fault(`no = after label ${name}`, line, lineNumber);
    at += 1;
    while (line[at] === ' ') at += 1;
    if (line[at] !== '"') throw fault(`no quoted value of label ${name}`, line, lineNumber);
    let value = '';
    for (at += 1; line[at] !== '"'; at += 1) {
      if (at >= line.length) throw fault(`no end to the value of label ${name}`, line, lineNumber);
      if (line[at] === '\\') {
        at += 1;
        value += line[at] === 'n' ? '\n' : (line[at] ?? '');
      } else {
        value += line[at];
      }
    }
    labels.set(name, value);
    at += 1;
  }
}

/** Go's notation of floats: `+Inf`, `-Inf`, `NaN` and numbers; null for anything else. */
function parseValue(text: string): number | null {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

/** A filter `name` or `name{label="value",…}`; a sample matches when it has that name and at least those labels. */
export interface MetricSelector {
  /** As written. */
  readonly text: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** Reads a filter; throws an Error saying what is wrong with it. */
export function parseMetricSelector(text: string): MetricSelector {
  const { name, labels } = parseSample(`${text.trim()} 0`, 1, new Map());
  return { text: text.trim(), name, labels };
}

export function matches({ name, labels }: MetricSelector, sample: PrometheusSample): boolean {
  if (name !== sample.name) return false;
  return [...labels].every(([label, value]) => sample.labels.get(label) === value);
}

function fault(problem: string, line: string, lineNumber: number): Error {
  const shown = line.length > 80 ? `${line.slice(0, 77)}...` : line;
  return new Error(
    `it is not in Prometheus text format: ${problem} (line ${lineNumber}: ${shown}).`,
  );
}
