import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokenLinks, headingAnchors, markdownPages } from './markdown-links.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'needletail-links-'));
  mkdirSync(join(root, 'docs/deep'), { recursive: true });
  writeFileSync(join(root, 'docs/there.md'), '# A heading, `with code`\n\n## Two\n\n## Two\n');
  writeFileSync(join(root, 'docs/picture.svg'), '<svg/>');
});
afterEach(() => rmSync(root, { recursive: true }));

function faultsOf(text: string): string[] {
  writeFileSync(join(root, 'docs/page.md'), text);
  return brokenLinks(root, ['docs/page.md']).map(
    ({ line, target, reason }) => `${line} ${target}: ${reason}`,
  );
}

describe('brokenLinks()', () => {
  it.each([
    '[a](there.md)',
    '[a](./there.md#two-1 "title")',
    '[a](there.md#a-heading-with-code)',
    '[a](<there.md>) ![b](picture.svg)',
    '[a](../docs/) [b](/docs/there.md)',
    '[a](https://example.org/none#x) [b](mailto:a@b) [c](//example.org)',
    '# Here\n\n[a](#here)',
    '[a][b]\n\n[b]: there.md#two',
    '`[a](none.md)` and ``[`a`](none.md)``',
    '```md\n[a](none.md)\n```',
    '~~~\n[a](none.md)\n~~~\n',
    '[a](picture.svg#layer)',
  ])('takes %j', (text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  it.each([
    ['[a](none.md)', ['1 none.md: no such file']],
    ['x\n\n[a](there.md#three)', ['3 there.md#three: no such heading']],
    ['[a](#here)\n```\n# Here\n```\n', ['1 #here: no such heading']],
    ['[a](../../secret.md)', ['1 ../../secret.md: out of the repository']],
    ['![a](none.svg) [b](deep/x.md)', ['1 none.svg: no such file', '1 deep/x.md: no such file']],
    ['[a][b]\n\n[b]: none.md', ['3 none.md: no such file']],
    ['```\ncode\n```\n[a](none.md)', ['4 none.md: no such file']],
    ['[`code`](none.md)', ['1 none.md: no such file']],
  ])('tells of %j', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });
});

describe('headingAnchors()', () => {
  it('names headings as GitHub does', () => {
    const text =
      '# What is *it*?\n## A & B\n## [Link](x.md) – C_d\n### Größe #\n<a id="own"></a>\n';
    expect([...headingAnchors(text)]).toEqual(['what-is-it', 'a--b', 'link--c_d', 'größe', 'own']);
  });
});

describe('markdownPages()', () => {
  it('finds pages below folders, and takes files as they are', () => {
    writeFileSync(join(root, 'README.md'), '');
    writeFileSync(join(root, 'docs/deep/page.md'), '');
    expect(markdownPages(root, ['README.md', 'docs']).toSorted()).toEqual([
      'README.md',
      'docs/deep/page.md',
      'docs/there.md',
    ]);
  });
});
