import { inspect } from 'node:util';
import { startFaultyServer } from '@needletail/testkit/faulty-server';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import { ClientError, ConnectError, ConnectTimeoutError, UsageError } from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import { BAD_ANSWERS } from './bad-answers.fixture.ts';
import { BAD_CALLS } from './bad-calls.fixture.ts';
import type { BadCase, BadContext, ExpectedError, Style } from './bad-case.fixture.ts';
import { BAD_CLIENT_OPTIONS, BAD_REQUEST_OPTIONS } from './bad-options.fixture.ts';
import { startBadServer, type BadServer } from './bad-server.fixture.ts';
import { CERTIFICATES } from './certificates.fixture.ts';
import { ABORT_REASON, CUT_SHORT } from './cut-short.fixture.ts';
import { STALLS, startFullQueue } from './stalls.fixture.ts';

/** In each URL, and never to be seen again. */
const PASSWORD = 's3cret-pw';
const SECRETS = [PASSWORD, Buffer.from(`user:${PASSWORD}`).toString('base64')];

type Call = (
  client: Client,
  method: string,
  url: string,
  options: RequestOptions,
) => Promise<unknown>;

/** Each resolves to what failed, or to what came where nothing did. */
const CALLS: Readonly<Record<Style, Call>> = {
  request: (client, method, url, options) => client.request(method, url, options).catch(caught),
  stream: async (client, method, url, options) => {
    try {
      const response = await client.stream(method, url, options);
      for await (const chunk of response) expect(chunk.length).toBeGreaterThan(0);
      return response;
    } catch (error) {
      return error;
    }
  },
  gather: async (client, method, url, options) => {
    const inputs = [{ ...options, method, url }];
    return (await client.gather(inputs, { onError: 'return' }))[0];
  },
  raw: (client, method, url, { headers }) =>
    client.raw.request(method, url, headers === undefined ? {} : { headers }).catch(caught),
};

function caught(error: unknown): unknown {
  return error;
}

const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);

beforeAll(() => void process.on('warning', onWarning));
afterAll(() => {
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

function serverOf({ faulty, server }: BadCase): Promise<BadServer> {
  return faulty === undefined ? startBadServer(server) : startFaultyServer();
}

function urlOf({ url, faulty }: BadCase, server: BadServer): string {
  if (url !== undefined) return url;
  const path = faulty === undefined ? '/bad' : `/${faulty}`;
  return `${server.url.replace('://', `://user:${PASSWORD}@`)}${path}`;
}

function expectError(thrown: unknown, expected: ExpectedError, method: string): void {
  expect(thrown).toBeInstanceOf(expected.type);
  const error = thrown as ClientError;
  const { code, phase, message, remedy, url } = error;
  expect({ code, phase }).toEqual({ code: expected.code, phase: expected.phase });
  expect(remedy).toMatch(/^[A-Z].*[^.]$/);
  if (expected.says !== undefined) expect(message).toMatch(expected.says);
  expect(error.cause !== undefined).toBe(expected.hasCause ?? error.cause !== undefined);
  expect(message).not.toMatch(/undefined|\[object|NaN|\.\.|\n/);
  const isPlaceless = expected.isPlaceless === true;
  if (isPlaceless) expect([error.method, url]).toEqual([undefined, undefined]);
  else if (!(error instanceof UsageError)) expect(error.method).toBe(method);
  if (!isPlaceless) expect(typeof url).toBe('string');
  const where = [error.method, url].filter((part) => part !== undefined).join(' ');
  const printed = where.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  const place = where === '' ? '' : ` (${printed})`;
  expect(message.endsWith(`${place}. ${remedy}.`)).toBe(true);
  expect(message.slice(0, message.length - `${place}. ${remedy}.`.length)).toMatch(
    /^[A-Z][^:]+: ./,
  );
  const shown = inspect(error, { depth: 8, showHidden: true }) + JSON.stringify(error);
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
}

async function untilQuiet(client: Client): Promise<void> {
  const giveUpAt = performance.now() + 2000;
  const figures = (): object => {
    const { active, connecting, waiting } = client.pool;
    return { active, connecting, waiting };
  };
  const quiet = { active: 0, connecting: 0, waiting: 0 };
  while (inspect(figures()) !== inspect(quiet) && performance.now() < giveUpAt) {
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
  expect(figures()).toEqual(quiet);
}

/** The client goes on, on the connection it had where that one is in order, and on another where it is not. */
async function expectToGoOn(one: BadCase, { client, server }: BadContext): Promise<void> {
  const before = server.arrivals.at(-1);
  const response = await client.get(`${server.url}/ok`, { followRedirects: false });
  expect(response.status).toBe(200);
  if (before === undefined) return;
  const isSame = server.arrivals.at(-1)!.connection === before.connection;
  expect(isSame).toBe(one.keepsConnection ?? false);
}

async function run(one: BadCase, style: Style): Promise<void> {
  const server = await serverOf(one);
  const controller = new AbortController();
  const check = startLeakCheck([], [controller.signal]);
  const clientOptions = typeof one.client === 'function' ? one.client(server) : one.client;
  const client = new Client({ trustEnv: false, ...clientOptions });
  const context: BadContext = { server, client, controller };
  const cleanup = await one.before?.(context);
  const options = typeof one.options === 'function' ? one.options() : one.options;
  const method = one.method ?? 'GET';
  const { signal } = controller;
  const failing = CALLS[style](client, method, urlOf(one, server), { signal, ...options });
  await one.during?.(context);
  const error = await failing;
  await cleanup?.();
  expectError(error, one.error, method);
  if (one.error.code === 'ABORTED') expect((error as Error).cause).toBe(ABORT_REASON);
  await untilQuiet(client);
  const isOfServer = one.url === undefined;
  if (one.endsClient !== true && isOfServer) await expectToGoOn(one, context);
  await client.close();
  expect(client.pool.open).toBe(0);
  if (one.isDeaf === true) await server.close();
  expect(await check.leaked()).toEqual(new Map());
  await server.close();
}

const TABLES = {
  'called wrongly': BAD_CALLS,
  'answered wrongly': BAD_ANSWERS,
  'kept waiting': STALLS,
  'cut short': CUT_SHORT,
  'told a wrong certificate': CERTIFICATES,
};

describe.each(Object.entries(TABLES))('a client %s', (_, cases) => {
  const runs = cases.flatMap((one) =>
    (one.styles ?? (['request', 'stream', 'gather'] as const)).map(
      (style) => [one.name, style, one] as const,
    ),
  );
  it.each(runs)('fails as it should: %s, by %s', (_name, style, one) => run(one, style));
});

describe('options that mean nothing', () => {
  const shownOf = (options: object): string => inspect(options, { breakLength: Infinity });

  function expectRefusal(error: unknown, name: string): void {
    expect(error).toBeInstanceOf(UsageError);
    const { code, phase, message, remedy } = error as UsageError;
    expect(code).toMatch(/^INVALID_(?:OPTION|BODY|URL)$/);
    expect(phase).toBe('build');
    expect(message).toContain(name);
    expect(message).toMatch(/^[A-Z].+?: .+[^.]\. [A-Z].+[^.]\.$/);
    expect(message.endsWith(` ${remedy}.`)).toBe(true);
    expect(message).not.toMatch(/\[object|\n/);
    expect(inspect(error, { depth: 8, showHidden: true })).not.toContain(PASSWORD);
  }

  const clients = BAD_CLIENT_OPTIONS.map(
    ([name, options]) => [shownOf(options), name, options] as const,
  );
  it.each(clients)('new Client(%s) throws', (_, name, options) => {
    const make = (): unknown => new Client(options);
    let error: unknown = null;
    try {
      make();
    } catch (thrown) {
      error = thrown;
    }
    expectRefusal(error, name);
  });

  it.each(clients)('client.extend(%s) throws', (_, name, options) => {
    const client = new Client({ trustEnv: false });
    let error: unknown = null;
    try {
      client.extend(options);
    } catch (thrown) {
      error = thrown;
    }
    expectRefusal(error, name);
  });

  const requests = BAD_REQUEST_OPTIONS.map(
    ([name, options]) => [shownOf(options), name, options] as const,
  );
  it.each(requests)('client.post(url, %s) rejects, and sends nothing', async (_, name, options) => {
    const check = startLeakCheck();
    const client = new Client({ trustEnv: false });
    for (const style of ['request', 'stream'] as const) {
      expectRefusal(await CALLS[style](client, 'POST', 'http://127.0.0.1:9/', options), name);
    }
    expect(client.pool.opened).toBe(0);
    await client.close();
    expect(await check.leaked()).toEqual(new Map());
  });
});

describe('a connection that is never made', () => {
  it('is given up in time when the queue of the server is full', async () => {
    const queue = await startFullQueue();
    const client = new Client({ trustEnv: false, timeout: { connect: 50 } });
    const error = await client
      .get(`http://user:${PASSWORD}@127.0.0.1:${queue.port}/`)
      .catch(caught);
    expectError(
      error,
      { type: ConnectTimeoutError, code: 'CONNECT_TIMEOUT', phase: 'connect' },
      'GET',
    );
    await untilQuiet(client);
    await client.close();
    await queue.close();
  });

  it('is refused where nobody listens', async () => {
    const server = await startBadServer();
    await server.close();
    const client = new Client({ trustEnv: false });
    for (const style of ['request', 'stream', 'gather', 'raw'] as const) {
      const error = await CALLS[style](client, 'GET', `${server.url}/`, {});
      const expected = {
        type: ConnectError,
        code: 'REFUSED',
        phase: 'connect',
        hasCause: true,
      } as const;
      expectError(error, expected, 'GET');
    }
    await client.close();
  });
});
