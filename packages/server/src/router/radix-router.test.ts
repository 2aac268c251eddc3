import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RadixRouter } from './radix-router.ts';
import { RouteError } from './route-error.ts';
import type { RouterOptions } from './router.ts';

/** A router whose values are the patterns; routes are written `GET /path`, and without a method they are of GET. */
function routerOf(routes: readonly string[], options?: RouterOptions): RadixRouter<string> {
  const router = new RadixRouter<string>(options);
  for (const route of routes) {
    const [pattern, method] = route.split(' ').toReversed();
    router.add(method ?? 'GET', pattern, pattern);
  }
  return router;
}

/** The value and the parameters that were found, or the outcome. */
function seen(router: RadixRouter<string>, path: string, method = 'GET'): unknown {
  const result = router.find(method, path);
  return result.outcome === 'found' ? [result.value, { ...result.params }] : result.outcome;
}

function refusal(register: () => void): RouteError {
  try {
    register();
  } catch (error) {
    if (error instanceof RouteError) return error;
    throw error;
  }
  throw new Error('The route was accepted.');
}

describe('find', () => {
  it('matches text exactly', () => {
    const router = routerOf(['/', '/health', '/a/b/c', '/v1/things:batch']);
    expect(seen(router, '/')).toEqual(['/', {}]);
    expect(seen(router, '')).toEqual(['/', {}]);
    expect(seen(router, '/a/b/c')).toEqual(['/a/b/c', {}]);
    expect(seen(router, '/v1/things:batch')).toEqual(['/v1/things:batch', {}]);
    for (const path of ['/a/b', '/a/b/c/d', '/a/b/cc', '/A/b/c', 'health', '*', '/healt', '\0']) {
      expect(seen(router, path), path).toBe('not-found');
    }
  });

  it('takes a segment for each parameter', () => {
    const router = routerOf(['/users/:id', '/posts/:post/comments/:comment', '/:version/info']);
    expect(seen(router, '/users/42')).toEqual(['/users/:id', { id: '42' }]);
    expect(seen(router, '/posts/10/comments/20')).toEqual([
      '/posts/:post/comments/:comment',
      { post: '10', comment: '20' },
    ]);
    expect(seen(router, '/v2/info')).toEqual(['/:version/info', { version: 'v2' }]);
    for (const path of ['/users', '/users/', '/users/1/2', '/users//', '/posts/10/comments/']) {
      expect(seen(router, path), path).toBe('not-found');
    }
  });

  it('takes the rest, be it empty, for a wildcard', () => {
    const router = routerOf(['/docs/*path', '/any/:id/*']);
    expect(seen(router, '/docs/readme.md')).toEqual(['/docs/*path', { path: 'readme.md' }]);
    expect(seen(router, '/docs/a/b/c/d.txt')).toEqual(['/docs/*path', { path: 'a/b/c/d.txt' }]);
    expect(seen(router, '/docs/')).toEqual(['/docs/*path', { path: '' }]);
    expect(seen(router, '/docs/a/')).toEqual(['/docs/*path', { path: 'a/' }]);
    expect(seen(router, '/any/1/x')).toEqual(['/any/:id/*', { id: '1', '*': 'x' }]);
    expect(seen(router, '/docs')).toBe('not-found');
  });

  it('leaves optional parameters at the end out', () => {
    const router = routerOf(['/:lang?', '/list/:page?/:size?']);
    expect(seen(router, '/')).toEqual(['/:lang?', {}]);
    expect(seen(router, '/de')).toEqual(['/:lang?', { lang: 'de' }]);
    expect(seen(router, '/list/2/50')).toEqual(['/list/:page?/:size?', { page: '2', size: '50' }]);
    expect(seen(router, '/list/2')).toEqual(['/list/:page?/:size?', { page: '2' }]);
    expect(seen(router, '/list')).toEqual(['/list/:page?/:size?', {}]);
    expect(seen(router, '/list/2/50/1')).toBe('not-found');
  });

  it('prefers text to a parameter, a constraint to none, and a parameter to a wildcard', () => {
    const router = routerOf(['/u/*rest', '/u/:id', '/u/:num(\\d+)', '/u/list']);
    expect(seen(router, '/u/list')).toEqual(['/u/list', {}]);
    expect(seen(router, '/u/12')).toEqual(['/u/:num(\\d+)', { num: '12' }]);
    expect(seen(router, '/u/lists')).toEqual(['/u/:id', { id: 'lists' }]);
    expect(seen(router, '/u/list/x')).toEqual(['/u/*rest', { rest: 'list/x' }]);
  });

  it('asks constraints in the order of registration', () => {
    const router = routerOf(['/:a([a-z]+)', '/:b([a-f]+)']);
    expect(seen(router, '/abc')).toEqual(['/:a([a-z]+)', { a: 'abc' }]);
  });

  it('goes back to what it passed over when text leads nowhere', () => {
    const router = routerOf(['/api/:version/endpoint', '/api/*rest', '/a/b/c/d', '/a/:x/c/:y/e']);
    expect(seen(router, '/api/v1/endpoint')).toEqual(['/api/:version/endpoint', { version: 'v1' }]);
    expect(seen(router, '/api/v1/other')).toEqual(['/api/*rest', { rest: 'v1/other' }]);
    expect(seen(router, '/a/b/c/d/e')).toEqual(['/a/:x/c/:y/e', { x: 'b', y: 'd' }]);
  });

  it('keeps the routes of one method apart from those of another', () => {
    const router = routerOf(['GET /a/:id', 'POST /a/new', 'PURGE /a/:key']);
    expect(seen(router, '/a/new')).toEqual(['/a/:id', { id: 'new' }]);
    expect(seen(router, '/a/new', 'POST')).toEqual(['/a/new', {}]);
    expect(seen(router, '/a/new', 'PURGE')).toEqual(['/a/:key', { key: 'new' }]);
    expect(seen(router, '/a/new', 'post')).toBe('method-not-allowed');
  });

  it('finds the last of a hundred routes like the first', () => {
    const some = Array.from({ length: 100 }, (_, n) => `/some/:id/and/:another/${n}/:other`);
    const router = routerOf([...some, '/last_route']);
    expect(seen(router, '/last_route')).toEqual(['/last_route', {}]);
    for (const n of [0, 42, 99]) {
      const params = { id: 'a', another: 'b', other: 'c' };
      expect(seen(router, `/some/a/and/b/${n}/c`)).toEqual([some[n], params]);
    }
    expect(seen(router, '/some/a/and/b/100/c')).toBe('not-found');
  });

  it('gives each request a match of its own, and one without parameters always the same', () => {
    const router = routerOf(['/u/:id', '/static']);
    const [first, second] = [router.find('GET', '/u/1'), router.find('GET', '/u/2')];
    expect(first).toMatchObject({ params: { id: '1' }, pattern: '/u/:id' });
    expect(second).toMatchObject({ params: { id: '2' } });
    expect(router.find('GET', '/static')).toBe(router.find('GET', '/static'));
  });

  it('has no parameter that was not in the pattern', () => {
    const router = routerOf(['/:constructor/:toString?', '/a']);
    const both = [router.find('GET', '/x'), router.find('GET', '/a')];
    for (const found of both) {
      if (found.outcome !== 'found') throw new Error(found.outcome);
      expect(found.params['toString']).toBeUndefined();
      expect(found.params['__proto__']).toBeUndefined();
    }
    expect(seen(router, '/x')).toEqual(['/:constructor/:toString?', { constructor: 'x' }]);
  });

  it('never throws, whatever the path', () => {
    const router = routerOf(['/', '/:a', '/:a/b', '/:a([^x]+)/c', '/w/*', '/%C3%A9/%2F']);
    const path = fc.array(fc.constantFrom('/', '.', '%', '%2', '%2F', '%ff', 'é', '\uD800', 'a'));
    fc.assert(
      fc.property(
        fc.oneof(
          path.map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          expect(router.find('GET', text).outcome).toMatch(/^(found|not-found|bad-path)$/);
          expect(router.find('PUT', text).outcome).toMatch(
            /^(method-not-allowed|not-found|bad-path)$/,
          );
        },
      ),
    );
  });
});

describe('escapes', () => {
  const router = routerOf([
    '/café/:name',
    '/a%2Fb',
    '/a/b',
    '/100%25',
    '/files/*path',
    '/n/:n(\\d+)',
  ]);

  it('are decoded once, in text and in values', () => {
    expect(seen(router, '/caf%C3%A9/J%C3%BCrgen')).toEqual(['/café/:name', { name: 'Jürgen' }]);
    expect(seen(router, '/%63af%c3%a9/%2525')).toEqual(['/café/:name', { name: '%25' }]);
    expect(seen(router, '/100%25')).toEqual(['/100%25', {}]);
    expect(seen(router, '/n/%34%32')).toEqual(['/n/:n(\\d+)', { n: '42' }]);
    expect(seen(router, '/café/a+b')).toEqual(['/café/:name', { name: 'a+b' }]);
  });

  it('make no segments: an encoded slash stays in its own', () => {
    expect(seen(router, '/a/b')).toEqual(['/a/b', {}]);
    expect(seen(router, '/a%2Fb')).toEqual(['/a%2Fb', {}]);
    expect(seen(router, '/a%2fb')).toEqual(['/a%2Fb', {}]);
    expect(seen(router, '/café/x%2Fy')).toEqual(['/café/:name', { name: 'x/y' }]);
    expect(seen(router, '/files/x%2Fy/z')).toEqual(['/files/*path', { path: 'x%2Fy/z' }]);
    expect(seen(router, '/files/%2e%2e%2Fetc')).toEqual(['/files/*path', { path: '..%2Fetc' }]);
  });

  it('that are malformed, overlong or half a character are bad paths', () => {
    for (const escape of ['%', '%4', '%zz', '%%2F', '%C0%AF', '%ff', '%ED%A0%80', '%E2%2F%82']) {
      expect(seen(router, `/files/${escape}`), escape).toBe('bad-path');
      expect(seen(router, `/nowhere/${escape}`, 'POST'), escape).toBe('bad-path');
      expect(router.allowed(`/files/${escape}`)).toEqual([]);
    }
  });
});

describe('dot segments and empty segments', () => {
  const router = routerOf(['/', '/files/*path', '/:a/:b/:c?', '/*all']);

  it.each(['/..', '/.', '/files/../x', '/files/x/..', '/a/./b', '/files/%2e%2E/x', '/x/.%2e'])(
    'match nothing: %s',
    (path) => expect(seen(router, path)).toBe('not-found'),
  );
  it.each(['//', '//files/x', '/files//x', '/files//', '/a//b', '///', '/files/x//', '/x//'])(
    'match nothing: %s',
    (path) => expect(seen(router, path)).toBe('not-found'),
  );
  it.each(['/files/...', '/files/.x/..y', '/files/x./y..', '/files/.git/config', '/files/.%2Fx'])(
    'are not what only begins or ends with dots: %s',
    (path) => expect(seen(router, path)).not.toBe('not-found'),
  );
});

describe('trailingSlash', () => {
  const routes = ['/a', '/b/', '/u/:id', '/f/*rest'];

  it('strict: is another path', () => {
    const router = routerOf([...routes, '/a/'], { trailingSlash: 'strict' });
    expect(seen(router, '/a/')).toEqual(['/a/', {}]);
    expect(seen(router, '/b')).toBe('not-found');
    expect(seen(router, '/u/1/')).toBe('not-found');
  });

  it('ignore: makes no difference', () => {
    const router = routerOf(routes, { trailingSlash: 'ignore' });
    for (const path of ['/a', '/a/']) expect(seen(router, path)).toEqual(['/a', {}]);
    for (const path of ['/b', '/b/']) expect(seen(router, path)).toEqual(['/b/', {}]);
    for (const path of ['/u/1', '/u/1/'])
      expect(seen(router, path)).toEqual(['/u/:id', { id: '1' }]);
    expect(seen(router, '/f/x/')).toEqual(['/f/*rest', { rest: 'x' }]);
    expect(seen(router, '/f/')).toEqual(['/f/*rest', { rest: '' }]);
    expect(seen(router, '/a//')).toBe('not-found');
    expect(router.allowed('/a/')).toEqual(['GET', 'HEAD', 'OPTIONS']);
    expect(refusal(() => router.add('GET', '/a/', '')).code).toBe('DUPLICATE_ROUTE');
  });

  it('redirect: tells the path that is a route', () => {
    const router = routerOf(routes, { trailingSlash: 'redirect' });
    const to = (path: string): unknown => router.find('GET', path);
    expect(to('/a/')).toEqual({ outcome: 'redirect', path: '/a' });
    expect(to('/b')).toEqual({ outcome: 'redirect', path: '/b/' });
    expect(to('/f')).toEqual({ outcome: 'redirect', path: '/f/' });
    expect(to('/u/%41%25%2f/')).toEqual({ outcome: 'redirect', path: '/u/%41%25%2f' });
    expect(to('/a//')).toEqual({ outcome: 'not-found' });
    expect(router.find('POST', '/a/')).toEqual({ outcome: 'not-found' });
  });

  it('redirect: leads to no other host and adds no header field', () => {
    const router = routerOf(['/:name', '/*'], { trailingSlash: 'redirect' });
    const strict = routerOf(['/:name', '/:name/:b'], { trailingSlash: 'redirect' });
    expect(router.find('GET', '//evil.example/')).toEqual({ outcome: 'not-found' });
    for (const path of ['//evil.example/', '//evil.example', '/.%2e/']) {
      expect(strict.find('GET', path), path).toEqual({ outcome: 'not-found' });
    }
    expect(strict.find('GET', '/\\evil.example/')).toEqual({
      outcome: 'redirect',
      path: '/%5Cevil.example',
    });
    const hostile = '/a\r\nset-cookie: x\uD800?#/';
    const path = '/a%0D%0Aset-cookie:%20x%EF%BF%BD%3F%23';
    expect(strict.find('GET', hostile)).toEqual({ outcome: 'redirect', path });
  });
});

describe('methods', () => {
  it('405 lists those that have a route for the path', () => {
    const router = routerOf(['GET /a', 'DELETE /a', 'POST /:any', 'PUT /b']);
    const allow = ['GET', 'HEAD', 'DELETE', 'POST', 'OPTIONS'];
    expect(router.find('PATCH', '/a')).toEqual({ outcome: 'method-not-allowed', allow });
    expect(router.allowed('/a')).toEqual(allow);
    expect(router.allowed('/b')).toEqual(['POST', 'PUT', 'OPTIONS']);
    expect(router.allowed('/b/c')).toEqual([]);
    expect(router.find('BREW', '/nowhere/at/all')).toEqual({ outcome: 'not-found' });
  });

  it('HEAD has the routes of GET', () => {
    const router = routerOf(['GET /a/:id', 'GET /b', 'POST /c']);
    expect(seen(router, '/a/1', 'HEAD')).toEqual(['/a/:id', { id: '1' }]);
    expect(seen(router, '/b', 'HEAD')).toEqual(['/b', {}]);
    expect(seen(router, '/c', 'HEAD')).toBe('method-not-allowed');
  });

  it('HEAD has its own routes too, and the better of both answers', () => {
    for (const order of [0, 1]) {
      const routes = [
        ['HEAD', '/:any'],
        ['GET', '/a'],
        ['GET', '/:item'],
        ['HEAD', '/h'],
        ['GET', '/:item/y'],
      ] as const;
      const router = new RadixRouter<string>();
      for (const [method, pattern] of order === 0 ? routes : routes.toReversed()) {
        router.add(method, pattern, `${method} ${pattern}`);
      }
      expect(seen(router, '/a', 'HEAD')).toEqual(['GET /a', {}]);
      expect(seen(router, '/b', 'HEAD')).toEqual(['HEAD /:any', { any: 'b' }]);
      expect(seen(router, '/b', 'GET')).toEqual(['GET /:item', { item: 'b' }]);
      expect(seen(router, '/h', 'GET')).toEqual(['GET /:item', { item: 'h' }]);
      expect(refusal(() => router.add('HEAD', '/:item/x', '')).code).toBe('CONFLICTING_NAMES');
    }
  });

  it('OPTIONS is answered with what is allowed, unless it has a route', () => {
    const router = routerOf(['GET /a', 'OPTIONS /b', 'PUT /b']);
    const allow = ['GET', 'HEAD', 'OPTIONS'];
    expect(router.find('OPTIONS', '/a')).toEqual({ outcome: 'options', allow });
    expect(seen(router, '/b', 'OPTIONS')).toEqual(['/b', {}]);
    expect(router.find('OPTIONS', '/c')).toEqual({ outcome: 'not-found' });
    const all = ['GET', 'HEAD', 'OPTIONS', 'PUT'];
    expect(router.find('OPTIONS', '*')).toEqual({ outcome: 'options', allow: all });
    for (const [method, path] of [
      ['GET', '*'],
      ['GET', '%2a'],
      ['OPTIONS', '%2A'],
    ] as const) {
      expect(router.find(method, path)).toEqual({ outcome: 'not-found' });
    }
  });
});

describe('add', () => {
  it.each([
    ['/users/:id', '/users/:id'],
    ['/a', '/a'],
    ['', '/'],
    ['/f/*', '/f/*rest'],
    ['/a/:id?', '/a'],
    ['/a/:n(\\d+)', '/a/:n(\\d+)'],
    ['/caf%C3%A9', '/café'],
  ])('refuses a second route for the same paths: %s, %s', (first, second) => {
    const router = new RadixRouter<string>();
    router.add('GET', first, '', 'users.ts:3');
    router.add('POST', second, '', 'users.ts:4');
    const error = refusal(() => router.add('GET', second, '', 'app.ts:12'));
    expect(error).toMatchObject({ code: 'DUPLICATE_ROUTE', name: 'RouteError' });
    expect(error.message).toBe(
      `Route refused: it stands for the same paths as GET ${first} at users.ts:3 (GET ${second} at app.ts:12). Remove one of them.`,
    );
    expect(router.routes()).toHaveLength(2);
  });

  it('refuses another name for the same parameter', () => {
    const router = routerOf(['/users/:id', 'PUT /users/:key']);
    const error = refusal(() => router.add('GET', '/users/:name/posts', ''));
    expect(error.code).toBe('CONFLICTING_NAMES');
    expect(error.message).toContain('GET /users/:id (GET /users/:name/posts)');
    expect(seen(router, '/users/1/posts')).toBe('not-found');
  });

  it('keeps nothing of a route one of whose paths is refused', () => {
    const router = routerOf(['/a']);
    expect(refusal(() => router.add('GET', '/a/:id?', '')).code).toBe('DUPLICATE_ROUTE');
    expect(seen(router, '/a/1')).toBe('not-found');
    expect(refusal(() => router.add('PUT', 'a', '')).code).toBe('INVALID_PATTERN');
    expect(router.allowed('*')).toEqual(['GET', 'HEAD', 'OPTIONS']);
  });

  it.each([
    'a',
    '/a//b',
    '//',
    '/a/../b',
    '/%2e',
    '/%zz',
    '/:',
    '/:1',
    '/:a-b',
    '/:a:b',
    '/:__proto__',
    '/:a/:a',
    '/:a?/b',
    '/*a/b',
    '/*1',
    '/a*',
    '/{id}',
    '/a?b',
    '/a#b',
    '/a\\b',
    '/:a(\\d+',
    '/:a([^/]+)',
    '/:a()x',
    `/${'a'.repeat(2048)}`,
    '/a'.repeat(65),
  ])('refuses the pattern %s', (pattern) => {
    expect(refusal(() => new RadixRouter().add('GET', pattern, null)).code).toBe('INVALID_PATTERN');
  });

  it.each(['', 'GE T', 'GET\r\n', 'é'])('refuses the method %j', (method) => {
    expect(refusal(() => new RadixRouter().add(method, '/', null)).code).toBe('INVALID_METHOD');
  });

  it('says what to write instead', () => {
    const { message } = refusal(() => new RadixRouter().add('GET', '/users/{id}', null));
    expect(message).toContain('Segments are text, :name,');
    expect(message).toContain('%7B');
  });
});

describe('routes', () => {
  it('lists what was registered, in order', () => {
    const router = new RadixRouter<number>();
    router.add('POST', '/b/:id?', 1, 'b.ts:1');
    router.add('GET', '/a', 2);
    expect(router.routes()).toEqual([
      { method: 'POST', pattern: '/b/:id?', value: 1, where: 'b.ts:1' },
      { method: 'GET', pattern: '/a', value: 2, where: '' },
    ]);
  });
});
