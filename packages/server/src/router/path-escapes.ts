// Hot for paths with escapes only: may allocate the decoded path and, where slashes are encoded, two copies of it. Callers
// decode a path once and never decode what comes out. Guarded by bench/src/routers/table.ts (row "escaped").

/**
 * Stands for an encoded slash within a decoded path, so that it separates no segments. Half a surrogate pair: decoding
 * UTF-8 never gives one (RFC 3629 §3).
 */
export const ENCODED_SLASH = '\uD800';
export const ENCODED_SLASH_CODE = 0xd800;

/**
 * The path with its escapes decoded, once, and `%2F` as ENCODED_SLASH; null when an escape is malformed or not UTF-8. What
 * `decodeURIComponent` makes of the whole is what it would make of each segment: no other escape gives a slash, and no
 * UTF-8 sequence contains one.
 */
export function decodePath(path: string): string | null {
  if (path.includes(ENCODED_SLASH)) return null;
  // Looking is several times cheaper than replacing nothing.
  const hasSlash = path.includes('%2F') || path.includes('%2f');
  try {
    return decodeURIComponent(hasSlash ? withMarks(path) : path);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function withMarks(path: string): string {
  return path.replaceAll('%2F', ENCODED_SLASH).replaceAll('%2f', ENCODED_SLASH);
}

/** `path` in characters that a Location may hold (RFC 3986 §3.3), its escapes left as they are. */
export function encodePath(path: string): string {
  // A browser takes `\` for a slash, and `/\host` for another host: encodeURI escapes it, with control characters.
  return encodeURI(path.replaceAll(/\p{Surrogate}/gu, '\uFFFD'))
    .replaceAll('%25', '%')
    .replaceAll('?', '%3F')
    .replaceAll('#', '%23');
}
