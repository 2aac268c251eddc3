import type { AnyContext, Middleware, Outcome } from '../app/middleware.ts';
import { OptionError } from '../errors.ts';
import { commonMembers, LONGEST_VALUE, membersOf, otherMembers } from './access-line.ts';
import { LineWriter, type LineDestination } from './line-writer.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface AccessLogOptions {
  /** `process.stdout` unless given. */
  readonly destination?: LineDestination;
  /** Request fields to log besides; none unless given. Those that hold credentials are refused. */
  readonly headers?: readonly string[];
  /** Parameters of the query to log by name; the rest of the query is not logged. None unless given. */
  readonly query?: readonly string[];
  /** False logs the pattern of the route only, for paths with secrets in them; true unless given. */
  readonly path?: boolean;
  /** Share of the exchanges that are logged, 0 to 1; those with a status from 500 on, or an error, always are. 1 unless given. */
  readonly sample?: number;
  /** More members, of the request as it ended; those of the log itself win. */
  readonly members?: (c: AnyContext, outcome: Outcome) => Readonly<Record<string, unknown>>;
  /** Lines wait so long to be written together; 100 unless given. */
  readonly flushMs?: number;
  /** Characters that may wait for a destination that does not keep up; then lines are dropped, and counted. 1 MiB unless given. */
  readonly maxWaiting?: number;
}

const OPTIONS: Names<AccessLogOptions> = {
  destination: true,
  headers: true,
  query: true,
  path: true,
  sample: true,
  members: true,
  flushMs: true,
  maxWaiting: true,
};

/** Middleware that can be told to write what waits. */
export interface AccessLog extends Middleware {
  flush(): void;
}

const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'x-csrf-token',
  'x-xsrf-token',
]);

type LogFields = Record<string, unknown>;

/**
 * One line of JSON for each exchange, when it has ended: time, method, path, route, status, durationMs, sizeBytes,
 * remoteAddress; requestId behind `requestId()`; error with the code of what broke it. Never a body, a credential, or a
 * value of the query that was not asked for.
 */
export function accessLog(options: AccessLogOptions = {}): AccessLog {
  checkNames('accessLog', options, OPTIONS);
  const { headers = [], path = true, sample = 1, members } = options;
  for (const name of headers) {
    if (CREDENTIALS.has(name.toLowerCase())) {
      throw new OptionError('accessLog', `${name} holds credentials`, 'Leave it out');
    }
  }
  const writer = new LineWriter(options.destination ?? process.stdout, {
    flushMs: options.flushMs ?? 100,
    maxWaiting: options.maxWaiting ?? 1024 * 1024,
    dropped: (count) => JSON.stringify({ time: new Date().toISOString(), droppedLines: count }),
  });
  const describe = describer(options);
  const log: AccessLog = {
    name: 'access-log',
    flush: () => writer.flush(),
    done(c, outcome) {
      if (sample < 1 && !isNoteworthy(outcome) && Math.random() >= sample) return;
      const others = describe(c, outcome);
      let line = commonMembers(c, outcome, path);
      if (others !== null) line += `,${membersOf(others)}`;
      if (members !== undefined) line = otherMembers(members(c, outcome), others) + line;
      writer.write(`{${line}}`);
    },
  };
  // Fields have to be asked for before the answer is sent.
  return headers.length === 0 ? log : { ...log, handle: (c, next) => (c.request.headers, next()) };
}

function isNoteworthy({ status, error }: Outcome): boolean {
  return status >= 500 || error !== null;
}

/** What lines say only sometimes; null for most. */
function describer({
  headers = [],
  query = [],
}: AccessLogOptions): (c: AnyContext, outcome: Outcome) => LogFields | null {
  const names = headers.map((name) => name.toLowerCase());
  return (c, { error }) => {
    const hasQuery = query.length > 0 && c.search !== '';
    if (error === null && !hasQuery && names.length === 0) return null;
    const fields: LogFields = {};
    if (error !== null) fields['error'] = codeOf(error);
    if (hasQuery) fields['query'] = pick(c, query);
    for (const name of names) {
      const value = c.header(name);
      if (value === null) continue;
      fields['headers'] ??= {};
      (fields['headers'] as LogFields)[name] = value.slice(0, LONGEST_VALUE);
    }
    return Object.keys(fields).length === 0 ? null : fields;
  };
}

function pick(c: AnyContext, wanted: readonly string[]): LogFields {
  const sent = new URLSearchParams(c.search);
  const picked: LogFields = {};
  for (const name of wanted) {
    const value = sent.get(name);
    if (value !== null) picked[name] = value.slice(0, LONGEST_VALUE);
  }
  return picked;
}

/** The message may quote what was sent. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
