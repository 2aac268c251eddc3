// Routers of others behind the narrowest page: one value and its parameters for a path, or null. Optional parameters are
// written out for all of them, and a wildcard is always called `*`.
import findMyWay from 'find-my-way';
import { Memoirist } from 'memoirist';
import { addRoute, createRouter, findRoute } from 'rou3';
import { expandOptional } from './naive-pattern.ts';

export interface LibraryMatch {
  readonly value: number;
  readonly params: Readonly<Record<string, string | undefined>>;
}

export interface LibraryRouter {
  add(pattern: string, value: number): void;
  find(path: string): LibraryMatch | null;
}

/** A library, with what it answers otherwise on purpose: those paths and patterns are not compared. */
export interface Library {
  readonly name: string;
  /** What it calls the value of a wildcard. */
  readonly restName: string;
  readonly make: () => LibraryRouter;
  readonly differences: readonly Difference[];
}

/** One thing in which a library differs; `applies` says for which path, or for which patterns. */
interface Difference {
  readonly what: string;
  readonly applies: (path: string, patterns: readonly string[]) => boolean;
}

const BARE_REST = /\*\w+$/;
const COLON_IN_TEXT = /([^/]):/g;
const STRAY = /\/\/|\/(\.|%2e){1,2}(\/|$)/i;

const EMPTY_VALUES: Difference = {
  what: 'takes the empty segment behind a trailing slash for the value of a parameter',
  applies: (path, patterns) =>
    path.endsWith('/') && patterns.some((pattern) => pattern.includes(':')),
};
const SLASH_IGNORED: Difference = {
  what: 'ignores a trailing slash, of paths and of patterns',
  applies: (path, patterns) =>
    path.endsWith('/') || patterns.some((pattern) => pattern.length > 1 && pattern.endsWith('/')),
};
const ESCAPES_AS_SENT: Difference = {
  what: 'decodes nothing: text with escapes is other text, values stay encoded',
  applies: (path) => /%|[^ -~]/.test(path),
};
const STRAYS_ARE_SEGMENTS: Difference = {
  what: 'takes `.`, `..` and empty segments for values of parameters and wildcards',
  applies: (path) => STRAY.test(path),
};
const COLONS_BEGIN_PARAMETERS: Difference = {
  what: 'takes a colon within a text for the beginning of a parameter, and cannot be told otherwise',
  applies: (_, patterns) => patterns.some((pattern) => /[^/]:/.test(pattern)),
};
const SLASH_IN_TEXT: Difference = {
  what: 'has no text with an encoded slash',
  applies: (_, patterns) => patterns.some((pattern) => /%2F/i.test(pattern)),
};
const SLASH_IN_REST: Difference = {
  what: 'decodes an encoded slash in the value of a wildcard, where it then looks like a separator',
  applies: (path, patterns) =>
    /%2F/i.test(path) && patterns.some((pattern) => pattern.includes('/*')),
};
const WHOLE_PATTERNS: Difference = {
  what: 'weighs whole patterns where constraints meet, so that an earlier segment need not decide',
  applies(_, patterns) {
    const constraints = patterns.flatMap((pattern) =>
      pattern
        .split('/')
        .map((text, at) => ({ at, form: text.replace(/^:\w+/, ':').replace(/\?$/, '') }))
        .filter(({ form }) => form.startsWith(':')),
    );
    return constraints.some(
      ({ at, form }) =>
        form !== ':' && constraints.some((other) => other.at === at && other.form !== form),
    );
  },
};
const NOTHING_FOR_REST: Difference = {
  what: 'lets a wildcard and the slash before it take nothing: /a is found for /a/*',
  applies: (path, patterns) =>
    patterns.some(
      (pattern) =>
        pattern.includes('/*') && pattern.split('/').length === path.split('/').length + 1,
    ),
};
const ONE_CONSTRAINT: Difference = {
  what: 'refuses two routes that differ in a constraint only',
  applies(_, patterns) {
    const shapes = patterns
      .flatMap(expandOptional)
      .map((pattern) => pattern.replaceAll(/:\w+(\(?)[^/]*/g, ':$1').replace(BARE_REST, '*'));
    return new Set(shapes).size < shapes.length;
  },
};
const NO_CONSTRAINTS: Difference = {
  what: 'has no constraints',
  applies: (_, patterns) => patterns.some((pattern) => pattern.includes('(')),
};

function memoirist(): LibraryRouter {
  const router = new Memoirist<number>();
  return {
    add(pattern, value) {
      for (const one of expandOptional(pattern)) {
        router.add('GET', one.replace(BARE_REST, '*'), value);
      }
    },
    find(path) {
      const found = router.find('GET', path);
      return found === null ? null : { value: found.store, params: found.params };
    },
  };
}

function findMyWayRouter(): LibraryRouter {
  const router = findMyWay({ maxParamLength: 10_000 });
  return {
    add(pattern, value) {
      for (const one of expandOptional(pattern)) {
        const text = decodeURI(one).replaceAll(COLON_IN_TEXT, '$1::');
        router.on('GET', text.replace(BARE_REST, '*'), () => {}, value);
      }
    },
    find(path) {
      const found = router.find('GET', path);
      return found === null ? null : { value: found.store as number, params: found.params };
    },
  };
}

function rou3(): LibraryRouter {
  const router = createRouter<number>();
  return {
    add(pattern, value) {
      for (const one of expandOptional(pattern)) {
        const text = one.replaceAll(COLON_IN_TEXT, String.raw`$1\:`);
        addRoute(router, 'GET', text.replace(BARE_REST, '*'), value);
      }
    },
    find(path) {
      const found = findRoute(router, 'GET', path);
      return found === undefined ? null : { value: found.data, params: found.params ?? {} };
    },
  };
}

export const LIBRARIES: readonly Library[] = [
  {
    name: 'memoirist',
    restName: '*',
    make: memoirist,
    differences: [ESCAPES_AS_SENT, STRAYS_ARE_SEGMENTS, NO_CONSTRAINTS, COLONS_BEGIN_PARAMETERS],
  },
  {
    name: 'find-my-way',
    restName: '*',
    make: findMyWayRouter,
    differences: [STRAYS_ARE_SEGMENTS, EMPTY_VALUES, SLASH_IN_TEXT, SLASH_IN_REST, ONE_CONSTRAINT],
  },
  {
    name: 'rou3',
    restName: '0',
    make: rou3,
    differences: [
      ESCAPES_AS_SENT,
      STRAYS_ARE_SEGMENTS,
      SLASH_IGNORED,
      NOTHING_FOR_REST,
      WHOLE_PATTERNS,
    ],
  },
];
