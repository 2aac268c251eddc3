import { describe, expect, it } from 'vitest';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { fieldBlock, HeadFields } from './head-fields.ts';

const BLOCK = fieldBlock([
  ['X-One', '1'],
  ['X-Two', '2'],
]);

describe('HeadFields', () => {
  it('joins blocks and fields, each name once, the last one wins', () => {
    const fields = new HeadFields();
    fields.addBlock(BLOCK);
    fields.set('x-two', 'own');
    fields.addBlock(fieldBlock([['X-Three', '3']]));
    fields.addBlock(fieldBlock([['X-ONE', 'again']]));
    expect([...fields].map(([name, value]) => `${name}=${value}`).toSorted()).toEqual([
      'X-ONE=again',
      'X-Three=3',
      'x-two=own',
    ]);
    expect(fields.encode()).toBe([...fields].map((pair) => `${pair.join(': ')}\r\n`).join(''));
  });

  it('keeps several blocks apart from what is set', () => {
    const fields = new HeadFields([['A', '1']]);
    fields.addBlock(BLOCK);
    fields.addBlock(fieldBlock([['X-Three', '3']]));
    expect([fields.get('x-three'), fields.get('X-TWO'), fields.get('a')]).toEqual(['3', '2', '1']);
    fields.delete('x-one');
    expect(fields.encode()).toBe('X-Two: 2\r\nX-Three: 3\r\nA: 1\r\n');
  });

  it('adds members to a list once', () => {
    const fields = new HeadFields();
    for (const member of ['Origin', 'accept', 'origin']) fields.addToList('Vary', member);
    expect(fields.get('vary')).toBe('Origin, accept');
  });

  bothWays("sends no line of its own making, nor a field that is the server's", async (way) => {
    way
      .app()
      .get('/split', (c) => c.set('X-A', 'a\r\nSet-Cookie: b=c') && 'x')
      .get('/date', (c) => c.set('Date', 'yesterday') && 'x')
      .get('/length', (c) => c.set('Content-Length', '0') && 'x');
    for (const url of ['/split', '/date', '/length']) {
      const got = await way.send(url);
      expect([url, got.status, got.headers.get('set-cookie')]).toEqual([url, 500, null]);
    }
    expect(way.errors.splice(0)).toHaveLength(3);
  });
});
