import { describe, expect, it } from 'vitest';
import type { AnyContext } from '../app/middleware.ts';
import { json, redirect, stream, text } from '../reply/reply.ts';
import { get, statuses } from '../listen/raw-client.fixture.ts';
import { AppUnderTest } from './app-under-test.fixture.ts';

const server = new AppUnderTest();
const LAST = get('/ok', 'Connection: close\r\n');

/** Ends of lines as they come, as UTF-8, and as what latin1 makes CR and LF of: U+010D, U+010A. */
const INJECTIONS: readonly string[] = [
  'a\r\nX-Evil: 1',
  'a\nX-Evil: 1',
  'a\rX-Evil: 1',
  'a\r\n\r\nHTTP/1.1 200 OK\r\nX-Evil: 1\r\n\r\n',
  'a\u010d\u010aX-Evil: 1',
  'a\u560d\u560aX-Evil: 1',
  'a\u2028X-Evil: 1',
  'a\0X-Evil: 1',
];

async function answered(handler: (c: AnyContext) => unknown): Promise<string> {
  await server.start((app) => app.get('/', (c) => handler(c as never)).get('/ok', () => 'ok'));
  return server.exchange(get('/') + LAST);
}

const PLACES: readonly (readonly [place: string, (value: string) => (c: AnyContext) => unknown])[] =
  [
    ['a field of the context', (value) => (c) => (c.set('X-Name', value), 'x')],
    [
      'a field beside others',
      (value) => (c) => (c.fields.append('Set-Cookie', `a=${value}`), { a: 1 }),
    ],
    ['a field of a reply', (value) => () => json({}, { headers: { 'X-Name': value } })],
    ['the name of a field', (value) => () => text('x', { headers: { [value]: 'x' } })],
    ['the name of a field of the context', (value) => (c) => (c.set(value, 'x'), 'x')],
    ['the type of a reply', (value) => () => text('x', { type: `text/${value}` })],
    ['a field of a stream', (value) => () => stream(pieces(), { headers: { 'X-Name': value } })],
  ];

async function* pieces(): AsyncGenerator<string> {
  yield 'x';
}

describe.each(PLACES)('header injection by %s', (_, handlerOf) => {
  it.each(INJECTIONS)('is refused with 500, nothing of it sent: %j', async (value) => {
    const sent = await answered(handlerOf(value));
    expect(statuses(sent)).toEqual([500, 200]);
    expect(sent).not.toContain('X-Evil');
    expect(server.errors.splice(0)).toHaveLength(1);
  });
});

describe('header injection', () => {
  it.each(INJECTIONS)('by a redirect is escaped: %j', async (value) => {
    const sent = await answered(() => redirect(`/to/${value}`));
    expect(statuses(sent)).toEqual([302, 200]);
    expect(sent).not.toMatch(/^X-Evil/m);
    expect(sent).toMatch(/^Location: \/to\/a[\x21-\x7e]*\r$/m);
  });

  it('by a value that changes between the check and the write writes what was checked', async () => {
    let turn = 0;
    const value = { toString: () => (turn++ === 0 ? 'a' : 'a\r\nX-Evil: 1') } as unknown as string;
    const sent = await answered((c) => (c.set('X-Name', value), 'x'));
    expect(statuses(sent).at(-1)).toBe(200);
    expect(sent).not.toContain('X-Evil');
    server.errors.splice(0);
  });

  it.each([
    ['an array', ['a', 'b\r\nX-Evil: 1']],
    ['undefined', undefined],
    ['a symbol', Symbol('x')],
    ['an object', {}],
  ])('by a value that is %s is refused', async (_, value) => {
    const sent = await answered((c) => (c.set('X-Name', value as never), 'x'));
    expect(statuses(sent)).toEqual([500, 200]);
    expect(sent).not.toContain('X-Evil');
    expect(server.errors.splice(0)).toHaveLength(1);
  });

  it.each([
    99,
    101,
    199,
    600,
    1000,
    200.5,
    Number.NaN,
    -200,
    '200\r\nX-Evil: 1',
    '200 OK',
    Infinity,
  ])('by the status %j is refused', async (status) => {
    const sent = await answered((c) => {
      c.status = status as number;
      return 'x';
    });
    expect(statuses(sent)).toEqual([500, 200]);
    expect(sent).not.toContain('X-Evil');
    expect(server.errors.splice(0)).toMatchObject([{ code: 'INVALID_STATUS' }]);
  });

  it.each(['Content-Length', 'Transfer-Encoding', 'Connection', 'Date', 'content-length'])(
    '%s is the business of the server',
    async (name) => {
      const sent = await answered((c) => (c.set(name, '0'), 'body'));
      expect(statuses(sent)).toEqual([500, 200]);
      expect(server.errors.splice(0)).toHaveLength(1);
    },
  );

  it('what a client sent is not repeated in an error', async () => {
    await server.start((app) => app.get('/ok', () => 'ok'));
    const evil = '/%3Cscript%3Ealert(1)%3C/script%3E?%3Cscript%3E';
    const sent = await server.exchange(get(evil) + LAST);
    expect(statuses(sent)).toEqual([404, 200]);
    expect(sent).not.toMatch(/script/i);
  });
});
