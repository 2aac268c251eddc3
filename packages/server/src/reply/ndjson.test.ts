import { describe, expect } from 'vitest';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { ndjson } from './ndjson.ts';

describe('ndjson()', () => {
  bothWays('writes a line for each value, of what is there and of what comes', async (way) => {
    way
      .app()
      .get('/there', () => ndjson([1, { a: 'x\ny' }, null]))
      .get('/comes', () => ndjson(coming()))
      .get('/many', () => ndjson(Array.from({ length: 5000 }, (_, index) => ({ index }))));
    const there = await way.send('/there');
    expect(there.headers.get('content-type')).toBe('application/x-ndjson');
    expect(there.text()).toBe('1\n{"a":"x\\ny"}\nnull\n');
    expect((await way.send('/comes')).text()).toBe('"a"\n"b"\n');
    const many = (await way.send('/many')).text().trimEnd().split('\n');
    expect(many).toHaveLength(5000);
    expect(JSON.parse(many[4999]!)).toEqual({ index: 4999 });
  });
});

async function* coming(): AsyncGenerator<string> {
  yield 'a';
  yield 'b';
}
