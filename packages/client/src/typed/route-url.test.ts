import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../errors.ts';
import { RoutePaths } from './route-url.ts';

const paths = new RoutePaths();

describe('pathOf', () => {
  it.each([
    ['/', {}, '/'],
    ['', {}, '/'],
    ['/users', {}, '/users'],
    ['/users/', {}, '/users/'],
    ['/users/:id', { id: '7' }, '/users/7'],
    ['/users/:id', { id: 7 }, '/users/7'],
    ['/users/:id', { id: 'a/b c?#%é' }, '/users/a%2Fb%20c%3F%23%25%C3%A9'],
    ['/users/:id(\\d+)/x', { id: 7n }, '/users/7/x'],
    ['/:a(x|y?)/:b_1', { a: 'x', b_1: '...' }, '/x/...'],
    ['/posts/:page?', {}, '/posts'],
    ['/posts/:page?', { page: undefined }, '/posts'],
    ['/posts/:page(\\d+)?', { page: 2 }, '/posts/2'],
    ['/:lang?/:page?', {}, '/'],
    ['/:lang?/:page?', { lang: 'de' }, '/de'],
    ['/files/*path', { path: 'a b/c%/d' }, '/files/a%20b/c%25/d'],
    ['/files/*', { '*': '' }, '/files/'],
    ['/a%20b/:x', { x: '1' }, '/a%20b/1'],
  ])('of %s and %o is %s', (pattern, values, path) => {
    expect(paths.pathOf(pattern, values)).toBe(path);
    expect(paths.pathOf(pattern, values)).toBe(path);
  });

  it.each([
    ['/users/:id', {}, 'the parameter id is missing'],
    ['/users/:id', { id: '' }, 'the parameter id is empty'],
    ['/users/:id', { id: null }, 'the parameter id is neither text nor number'],
    ['/users/:id', { id: '..' }, 'the parameter id has the dot segment ..'],
    ['/users/:id', { id: '.' }, 'the parameter id has the dot segment .'],
    ['/users/:id', { id: '\ud800' }, 'the parameter id has half of a surrogate pair'],
    ['/users/:id', { id: '7', name: 'x' }, 'the parameter name is no parameter of it'],
    ['/files/*path', { path: 'a/../../b' }, 'the parameter path has the dot segment ..'],
    ['/files/*', {}, 'the parameter * is missing'],
    ['/:lang?/:page?', { page: 2 }, 'the parameter page is given, but not lang before it'],
  ])('of %s and %o is refused', (pattern, values, reason) => {
    expect(() => paths.pathOf(pattern, values)).toThrow(InvalidRequestError);
    expect(() => paths.pathOf(pattern, values)).toThrow(reason);
    expect(() => paths.pathOf(pattern, values)).toThrow(pattern);
  });

  it('never leads out of its route, whatever the value', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('..', '.', '/', '\\', '%2e', '?', '#', '@', ':', ''))
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(wild, wild, (id, path) => {
        let made: string;
        try {
          made = paths.pathOf('/a/:id/b/*path', { id, path });
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError);
          return;
        }
        const url = new URL(`http://h${made}`);
        expect(url.pathname).toBe(made);
        const [, a, segment, b, ...rest] = made.split('/');
        expect([a, decodeURIComponent(segment!), b]).toEqual(['a', id, 'b']);
        expect(rest.map(decodeURIComponent).join('/')).toBe(path);
      }),
      { numRuns: 200 },
    );
  });
});
