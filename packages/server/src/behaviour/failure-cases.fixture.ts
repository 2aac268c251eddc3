import type { App } from '../app/app.ts';
import { HttpError } from '../app/http-error.ts';
import { text } from '../reply/reply.ts';
import {
  is,
  PROBLEM_TYPE,
  problemText,
  type BehaviourCase,
  type Concern,
} from './behaviour-case.fixture.ts';

function addFailures(app: App): void {
  app
    .get('/thrown', () => {
      throw new Error('secret');
    })
    .get('/rejected', () => Promise.reject(new Error('secret')))
    .get('/circle', () => {
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;
      return circle;
    })
    .get('/teapot', () => {
      throw new HttpError(418, 'Short and stout.', {
        headers: { 'X-Spout': 'left' },
        members: { handle: 'right' },
      });
    })
    .get('/bad-field', (c) => {
      c.set('X-Evil', 'a\r\nX-Split: 1');
      return 'x';
    });
}

const FAILURES: readonly BehaviourCase[] = [
  {
    name: 'an error',
    path: '/thrown',
    answer: is(500, problemText('Internal Server Error', 500), { 'content-type': PROBLEM_TYPE }),
    reports: 1,
  },
  {
    name: 'a rejection',
    path: '/rejected',
    answer: is(500, problemText('Internal Server Error', 500)),
    reports: 1,
  },
  { name: 'what cannot be JSON', path: '/circle', answer: is(500), reports: 1 },
  {
    name: 'a field that cannot be sent',
    path: '/bad-field',
    answer: is(500, undefined, { 'x-split': null, 'x-evil': null }),
    reports: 1,
  },
  {
    name: 'an error with a status',
    path: '/teapot',
    answer: is(418, undefined, { 'content-type': PROBLEM_TYPE, 'x-spout': 'left' }),
  },
];

function addScopes(app: App): void {
  const group = app.group('/v1').use(async (c, next) => {
    const value = await next();
    c.set('X-Asked', String((c.locals as { asked?: string }).asked));
    return value;
  });
  group.on('before', (c) => (c.header('x-stop') === null ? undefined : 'stopped'));
  group.on('after', (_, value) => (value === 'plain' ? 'plainer' : undefined));
  group.on('error', (error) => (error instanceof RangeError ? text('mended') : undefined));
  group.get('/plain', () => 'plain');
  group.get('/range', () => {
    throw new RangeError('out of it');
  });
}

const SCOPES: readonly BehaviourCase[] = [
  {
    name: 'middleware and hooks',
    path: '/v1/plain',
    answer: is(200, 'plainer', { 'x-asked': '/v1/plain' }),
  },
  {
    name: 'a hook that answers',
    path: '/v1/plain',
    headers: { 'x-stop': '1' },
    answer: is(200, 'stopped'),
  },
  { name: 'a hook that mends an error', path: '/v1/range', answer: is(200, 'mended') },
];

export const failures: Concern = {
  add(app) {
    addFailures(app);
    addScopes(app);
  },
  cases: [...FAILURES, ...SCOPES],
};
