import { lookup } from 'mrmime';

/** Types besides text/* that are text. */
const TEXT =
  /^(?:text\/|application\/(?:json|javascript|xml|manifest\+json|ld\+json)|image\/svg\+xml)/;

/** By the extension of the name; bytes where it says nothing, which no browser takes for a page. */
export function contentTypeOf(name: string, types: Readonly<Record<string, string>> = {}): string {
  const dot = name.lastIndexOf('.');
  const extension = dot === -1 ? '' : name.slice(dot + 1).toLowerCase();
  const given = Object.hasOwn(types, extension) ? types[extension] : undefined;
  const type = given ?? (extension === '' ? undefined : lookup(extension));
  if (type === undefined) return 'application/octet-stream';
  return TEXT.test(type) && !type.includes('charset=') ? `${type}; charset=utf-8` : type;
}
