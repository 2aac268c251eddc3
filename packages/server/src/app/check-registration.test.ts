import { describe, expect, it } from 'vitest';
import { type } from 'arktype';
import { z } from 'zod';
import { App, staticFiles } from '../index.ts';

/** Calls `method` as JavaScript would, past the compiler. */
function call(method: keyof App, ...given: readonly unknown[]): void {
  const app = new App();
  (app[method] as (this: App, ...given: unknown[]) => unknown).apply(app, [...given]);
}

const answer = (): string => 'x';

describe('App.get and the like', () => {
  it.each([
    ['no handler', ['/'], /its handler is undefined/],
    ['text for a handler', ['/', 'text'], /its handler is "text".*Give a function/],
    ['options and no handler', ['/', { summary: 'x' }], /its handler is an object/],
    ['several handlers', ['/', answer, answer], /it has several handlers.*use: \[\.\.\.\]/],
    ['no path', [undefined, answer], /its path is no text \(GET undefined at/],
    ['a pattern of another library', [/x/, answer], /its path is no text/],
    ['an option that is misspelt', ['/', { schema: {} }, answer], /no option schema.*There are/],
    ['a JSON schema', ['/', { body: { type: 'object' } }, answer], /body is no schema/],
    ['a schema that is null', ['/', { query: null }, answer], /query is no schema/],
    ['a response without schema', ['/', { responses: { 201: 5 } }, answer], /201 is no schema/],
    ['a limit with a unit', ['/', { bodyLimitBytes: '1mb' }, answer], /bodyLimitBytes is "1mb"/],
    ['middleware that is no list', ['/', { use: answer }, answer], /use is no list/],
  ])('refuse %s', (_, given, message) => {
    expect(() => call('get', ...given)).toThrow(message);
  });

  it('take schemas of any library', () => {
    const app = new App()
      .post('/zod', { body: z.string() }, answer)
      .post('/arktype', { body: type('string'), responses: { 200: z.string() } }, answer);
    expect(app.routes()).toHaveLength(2);
  });
});

describe('App.use, on, register, group and ws', () => {
  it.each([
    ['use', [undefined], /undefined is no middleware/],
    ['use', ['/path', answer], /"\/path" is no middleware.*paths are for group/],
    ['use', [{ handler: answer }], /without handle, answer and done/],
    ['use', [staticFiles({ folder: '.' })], /it was given a plugin.*register/],
    ['on', ['errors', answer], /there is no hook errors.*There are request/],
    ['on', ['error'], /the hook error is undefined/],
    ['register', [answer], /a function is no plugin/],
    ['register', [undefined], /undefined is no plugin/],
    ['group', [undefined], /its prefix is undefined/],
    ['ws', ['/chat'], /no path or no options/],
    ['ws', ['/chat', {}], /no handler, so that nothing would happen \(ws \/chat\).*open\(\) {}/],
    ['ws', ['/chat', { origins: 'any' }], /no handler/],
    [
      'ws',
      ['/chat', { onMessage: answer }],
      /no option onMessage \(ws \/chat\).* There are .*message/,
    ],
    ['ws', ['/chat', { mesage: answer }], /no option mesage .*Did you mean message\?/],
    ['ws', ['/chat', { message: 'echo' }], /message is "echo"/],
    ['route', ['get', '/', {}, answer], /case-sensitive.*get "\/" at.*Write GET/],
    ['route', [undefined, '/', {}, answer], /its method is no text/],
  ] as const)('%s refuses what it could only ignore: %s', (method, given, message) => {
    expect(() => call(method, ...given)).toThrow(message);
  });
});
