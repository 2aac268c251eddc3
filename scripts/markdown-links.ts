import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A link of a page that leads nowhere. */
export interface BrokenLink {
  readonly page: string;
  readonly line: number;
  readonly target: string;
  readonly reason: 'no such file' | 'no such heading' | 'out of the repository';
}

/** Inline links and images, then definitions of references; what is in angle brackets may hold spaces. */
const LINKS = /\]\(\s*(?:<([^>\n]*)>|([^\s()]*(?:\([^\s()]*\)[^\s()]*)*))(?:\s+["'][^)]*)?\s*\)/g;
const DEFINITIONS = /^ {0,3}\[[^\]\n]+\]:\s*(?:<([^>\n]*)>|(\S+))/gm;
const ELSEWHERE = /^(?:[a-z][a-z\d+.-]*:|\/\/)/i;
const FENCE = /^( {0,3})(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\2[`~]*[ \t]*$|(?![\s\S]))/gm;
const INLINE_CODE = /(`+)[^`](?:[\s\S]*?[^`])?\1(?!`)/g;

/** The links of `pages`, paths below `root`, whose file or heading is not there; links to other sites are not followed. */
export function brokenLinks(root: string, pages: readonly string[]): BrokenLink[] {
  const anchors = new Map<string, ReadonlySet<string>>();
  const anchorsOf = (path: string): ReadonlySet<string> => {
    const known = anchors.get(path) ?? headingAnchors(readFileSync(path, 'utf8'));
    anchors.set(path, known);
    return known;
  };
  return pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    return linksOf(text).flatMap(({ target, line }) => {
      const reason = faultOf(root, page, target, anchorsOf);
      return reason === null ? [] : [{ page, line, target, reason }];
    });
  });
}

/** All pages below the folders and files named, in order. */
export function markdownPages(root: string, places: readonly string[]): string[] {
  return places.flatMap((place) => {
    if (statSync(join(root, place)).isFile()) return [place];
    const names = readdirSync(join(root, place), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.md')).map((name) => join(place, name));
  });
}

/** The names under which the headings of a page can be linked to, as GitHub makes them. */
export function headingAnchors(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const plain = text.replaceAll(FENCE, '');
  for (const [, heading = ''] of plain.matchAll(/^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/gm)) {
    const words = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/<[^>]*>/g, '');
    const slug = words
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let times = 1; anchors.has(anchor); times += 1) anchor = `${slug}-${times}`;
    anchors.add(anchor);
  }
  for (const [, name = ''] of plain.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(name);
  return anchors;
}

function linksOf(text: string): { target: string; line: number }[] {
  // Of the same length, so that positions stay those of the page.
  const blank = (code: string): string => code.replaceAll(/[^\n]/g, ' ');
  const plain = text.replaceAll(FENCE, blank).replaceAll(INLINE_CODE, blank);
  return [...plain.matchAll(LINKS), ...plain.matchAll(DEFINITIONS)].map((found) => ({
    target: found[1] ?? found[2] ?? '',
    line: plain.slice(0, found.index).split('\n').length,
  }));
}

function faultOf(
  root: string,
  page: string,
  target: string,
  anchorsOf: (path: string) => ReadonlySet<string>,
): BrokenLink['reason'] | null {
  if (ELSEWHERE.test(target)) return null;
  const [path = '', anchor = ''] = target.split('#', 2).map(decodeURIComponent);
  const start = path.startsWith('/') ? root : join(root, dirname(page));
  const file = path === '' ? join(root, page) : join(start, path.split('?', 1)[0]!);
  if (relative(root, file).startsWith('..')) return 'out of the repository';
  if (!existsSync(file)) return 'no such file';
  if (anchor === '' || !file.endsWith('.md')) return null;
  return anchorsOf(file).has(anchor.toLowerCase()) ? null : 'no such heading';
}
