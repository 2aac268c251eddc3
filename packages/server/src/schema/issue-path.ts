import type { SchemaIssue } from './standard-schema.ts';

/** Where in a value something is, for people and for programs. */
export interface IssuePlace {
  /** `$.items[0].a`; `$` for the value itself. */
  readonly path: string;
  /** `/items/0/a` (RFC 6901); `''` for the value itself. */
  readonly pointer: string;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

export function placeOf({ path = [] }: SchemaIssue): IssuePlace {
  let shown = '$';
  let pointer = '';
  for (const segment of path) {
    const key = typeof segment === 'object' ? segment.key : segment;
    const name = String(key);
    if (typeof key === 'number') shown += `[${name}]`;
    else if (IDENTIFIER.test(name)) shown += `.${name}`;
    else shown += `[${JSON.stringify(name)}]`;
    pointer += `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return { path: shown, pointer };
}
