import { MockError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { MockAnswer, MockHandler } from './mock-transport.ts';

/** Answers one after the other; the last one stays. */
export type MockRoute =
  | MockAnswer
  | Response
  | MockHandler
  | readonly (MockAnswer | Response | MockHandler)[];

/**
 * By `METHOD pattern` or `pattern`: a path (`/items/:id`), or a URL. `*` stands for anything, `:name` for one segment, and the
 * query counts only where the pattern has one. The first that fits answers.
 */
export type MockRoutes = Readonly<Record<string, MockRoute>>;

interface CompiledRoute {
  readonly key: string;
  readonly method: string | null;
  readonly pattern: RegExp;
  readonly isUrl: boolean;
  readonly hasQuery: boolean;
  readonly answers: readonly (MockAnswer | Response | MockHandler)[];
  used: number;
}

export interface FoundRoute {
  readonly answer: MockAnswer | Response | MockHandler;
  readonly params: Readonly<Record<string, string>>;
}

const KEY = /^(?:([A-Z]+)\s+)?(\/\S*|\*|[a-z]+:\/\/\S+)$/;

/** The answers of a mock, by what they are for. */
export class MockRouter {
  readonly #routes: readonly CompiledRoute[];

  constructor(routes: MockRoutes) {
    this.#routes = Object.entries(routes).map(([key, route]) => compile(key, route));
  }

  /** Throws MockError where nothing fits. */
  find(request: ClientRequest): FoundRoute {
    for (const route of this.#routes) {
      const params = match(route, request);
      if (params === null) continue;
      const at = Math.min(route.used, route.answers.length - 1);
      route.used += 1;
      return { answer: route.answers[at]!, params };
    }
    const keys = this.#routes.map(({ key }) => key).join(', ');
    throw new MockError({
      code: 'NO_ROUTE',
      phase: 'send',
      problem: 'Mock has no answer',
      reason: `no route fits; there are: ${keys === '' ? 'none' : keys}`,
      remedy: "Add one, or '*' for everything else",
      method: request.method,
      url: request.url.href,
    });
  }
}

function match(
  { method, pattern, isUrl, hasQuery }: CompiledRoute,
  request: ClientRequest,
): Readonly<Record<string, string>> | null {
  if (method !== null && method !== request.method) return null;
  const whole = isUrl ? request.url.href : request.url.target;
  const queryAt = whole.indexOf('?');
  const text = hasQuery || queryAt === -1 ? whole : whole.slice(0, queryAt);
  const found = pattern.exec(text);
  return found === null ? null : (found.groups ?? {});
}

function compile(key: string, route: MockRoute): CompiledRoute {
  const [, method, pattern] = KEY.exec(key) ?? [];
  const answers = Array.isArray(route)
    ? (route as CompiledRoute['answers'])
    : [route as CompiledRoute['answers'][number]];
  if (pattern === undefined || answers.length === 0) {
    throw new MockError({
      code: 'INVALID_ANSWER',
      phase: 'send',
      problem: 'Mock not understood',
      reason:
        pattern === undefined ? `${JSON.stringify(key)} is no route` : `${key} has no answers`,
      remedy: "Write routes as '/path', 'GET /path/:id', 'https://host/*' or '*'",
    });
  }
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\?]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll(/(?<=\/):(\w+)/g, '(?<$1>[^/?]+)');
  return {
    key,
    method: method ?? null,
    pattern: new RegExp(`^${source}$`),
    isUrl: !pattern.startsWith('/') && pattern !== '*',
    hasQuery: pattern.includes('?'),
    answers,
    used: 0,
  };
}
