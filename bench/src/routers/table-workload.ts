// Sets of routes of three sizes, and for each row of the table the paths that are asked for, in turn.

export interface Row {
  readonly name: string;
  /** Path for the resource with this number. */
  readonly path: (resource: number) => string;
  /** Parameters that are read; `*` for the wildcard. */
  readonly names: readonly string[];
}

const KINDS = 5;
const WORDS = ['user', 'order', 'invoice', 'article', 'team', 'report', 'photo', 'event', 'key'];

/** `count` patterns: of each resource a text, three with parameters, and a wildcard. */
export function tableRoutes(count: number, hasConstraints: boolean): string[] {
  return Array.from({ length: Math.ceil(count / KINDS) }, (_, resource) => {
    const name = resourceName(resource);
    return [
      `/api/v1/${name}`,
      `/api/v1/${name}/:id`,
      `/api/v1/${name}/:id/items/:item/notes/:note/lines/:line`,
      `/files/${name}/*`,
      `/by/${name}/:number${hasConstraints ? '(\\d+)' : ''}`,
    ];
  })
    .flat()
    .slice(0, count);
}

export const ROWS: readonly Row[] = [
  { name: 'static', path: (at) => `/api/v1/${resourceName(at)}`, names: [] },
  {
    name: 'one parameter',
    path: (at) => `/api/v1/${resourceName(at)}/${4000 + at}`,
    names: ['id'],
  },
  {
    name: 'deep, four',
    path: (at) => `/api/v1/${resourceName(at)}/${at}/items/i${at}/notes/n${at}/lines/l${at}`,
    names: ['id', 'item', 'note', 'line'],
  },
  {
    name: 'wildcard',
    path: (at) => `/files/${resourceName(at)}/css/themes/dark/main-${at}.css`,
    names: ['*'],
  },
  {
    name: 'constrained',
    path: (at) => `/by/${resourceName(at)}/${70_000 + at}`,
    names: ['number'],
  },
  { name: 'escaped', path: (at) => `/api/v1/${resourceName(at)}/caf%C3%A9-${at}`, names: ['id'] },
  { name: 'miss', path: (at) => `/api/v1/${resourceName(at)}/${at}/nothing/here`, names: [] },
];

/** Resources that a set of `count` routes has whole. */
export function resourcesOf(count: number): number {
  return Math.floor(count / KINDS);
}

function resourceName(resource: number): string {
  const word = WORDS[resource % WORDS.length];
  return resource < WORDS.length ? `${word}s` : `${word}-${Math.floor(resource / WORDS.length)}`;
}
