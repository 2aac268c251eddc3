/** Members of a list of entity-tags (RFC 9110 §8.8.3). */
const NEXT_TAG = /[ \t]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,|$)/y;

/** Whether a list such as that of If-None-Match holds `tag`; `W/` does not count in a weak comparison (§8.8.3.2). */
export function listHasTag(list: string, tag: string, isStrong: boolean): boolean {
  if (isStrong && tag.startsWith('W/')) return false;
  const wanted = opaqueOf(tag);
  NEXT_TAG.lastIndex = 0;
  for (let found = NEXT_TAG.exec(list); found !== null; found = NEXT_TAG.exec(list)) {
    const member = found[1]!;
    if (isStrong ? member === tag : opaqueOf(member) === wanted) return true;
    if (NEXT_TAG.lastIndex >= list.length) break;
  }
  return false;
}

/** The strong tag that both forms of it have in common. */
function opaqueOf(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

export function weakened(tag: string): string {
  return tag.startsWith('W/') ? tag : `W/${tag}`;
}
