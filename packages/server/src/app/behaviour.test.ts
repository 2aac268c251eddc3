import { spawn } from 'node:child_process';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { findProgram } from '@needletail/testkit/programs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppListenOptions, App } from './app.ts';
import {
  BEHAVIOUR,
  behaviourApp,
  type BehaviourAnswer,
  type BehaviourCase,
} from './behaviour.fixture.ts';

/** A way for requests to reach the application. */
interface Way {
  ask(asked: BehaviourCase): Promise<BehaviourAnswer>;
  /** How many errors were reported since it was asked last. */
  reports(): number;
  end(): Promise<void>;
}

const bun = findProgram('bun');
const certificate = selfSignedCertificate();

function answerOf(
  status: number,
  fields: Iterable<readonly [name: string, value: string]>,
  cookies: readonly string[],
  body: Uint8Array,
): BehaviourAnswer {
  const headers = new Map(Array.from(fields, ([name, value]) => [name.toLowerCase(), value]));
  return { status, headers, cookies, body: Buffer.from(body).toString('latin1') };
}

/** The application in this process; `ask` is one of the ways that need no socket. */
function inProcess(ask: (app: App, asked: BehaviourCase) => Promise<BehaviourAnswer>): Way {
  let errors = 0;
  const app = behaviourApp(() => (errors += 1));
  return {
    ask: (asked) => ask(app, asked),
    reports() {
      const count = errors;
      errors = 0;
      return count;
    },
    end: () => app.close(),
  };
}

async function byInject(app: App, asked: BehaviourCase): Promise<BehaviourAnswer> {
  const { status, headers, bytes } = await app.inject({ ...asked, url: asked.path });
  return answerOf(status, headers, headers.getAll('set-cookie'), bytes);
}

async function byFetch(app: App, asked: BehaviourCase): Promise<BehaviourAnswer> {
  const { method = 'GET', path, headers, body } = asked;
  const request = new Request(`http://localhost${path}`, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
  const response = await app.fetch(request);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return answerOf(response.status, response.headers, response.headers.getSetCookie(), bytes);
}

/** Node's client: it speaks HTTP/1.1, and with a certificate TLS. */
function askPort(port: number, isSecure: boolean, asked: BehaviourCase): Promise<BehaviourAnswer> {
  const { method = 'GET', path, headers, body } = asked;
  const options = { host: '127.0.0.1', port, path, method, headers, agent: false } as const;
  return new Promise((resolve, reject) => {
    const take = async (response: IncomingMessage): Promise<void> => {
      const pieces: Buffer[] = [];
      for await (const piece of response) pieces.push(piece as Buffer);
      const { 'set-cookie': cookies = [], ...others } = response.headers;
      const fields = Object.entries(others) as [string, string][];
      resolve(answerOf(response.statusCode!, fields, cookies, Buffer.concat(pieces)));
    };
    const onResponse = (response: IncomingMessage): void => void take(response).catch(reject);
    const sent = isSecure
      ? httpsRequest({ ...options, ca: certificate.cert, servername: 'localhost' }, onResponse)
      : httpRequest(options, onResponse);
    sent.on('error', reject);
    sent.end(body);
  });
}

async function onPort(options: AppListenOptions): Promise<Way> {
  let errors = 0;
  const app = behaviourApp(() => (errors += 1));
  const { port } = await app.listen(options);
  return {
    ask: (asked) => askPort(port, options.tls !== undefined, asked),
    reports() {
      const count = errors;
      errors = 0;
      return count;
    },
    end: () => app.close({ graceMs: 0 }),
  };
}

async function onBun(server: string): Promise<Way> {
  const program = fileURLToPath(new URL('behaviour-server.fixture.ts', import.meta.url));
  const child = spawn(bun!, ['--conditions=@needletail/source', program, server], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve) =>
    lines.once('line', (line) => resolve(Number(line))),
  );
  let errors = 0;
  lines.on('line', () => (errors += 1));
  return {
    ask: (asked) => askPort(port, false, asked),
    reports() {
      const count = errors;
      errors = 0;
      return count;
    },
    end: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.stdin.end();
      }),
  };
}

/** Every case, in this way; what is reported and was not to be fails. */
function describeBehaviour(name: string, start: () => Promise<Way>): void {
  describe(`behaviour: ${name}`, () => {
    let way: Way;
    let expected = 0;
    beforeAll(async () => (way = await start()));
    afterEach(async () => {
      // Out of another process a report may come after the answer.
      for (let left = expected; left > 0; left -= way.reports()) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(way.reports()).toBe(0);
    });
    afterAll(() => way.end());

    it.each(BEHAVIOUR)('$name ($path)', async (asked) => {
      expected = asked.reports ?? 0;
      const got = await way.ask(asked);
      const { status, body, headers = {}, cookies = [] } = asked.answer;
      expect(got.status, got.body).toBe(status);
      if (body !== undefined) expect(got.body).toBe(body);
      for (const [field, value] of Object.entries(headers)) {
        expect(got.headers.get(field) ?? null, field).toBe(value);
      }
      expect(got.cookies).toEqual(cookies);
    });
  });
}

describeBehaviour('inject', async () => inProcess(byInject));
describeBehaviour('fetch', async () => inProcess(byFetch));
describeBehaviour('wire', () => onPort({ server: 'wire' }));
describeBehaviour('wire with TLS', () => onPort({ server: 'wire', tls: certificate }));
describeBehaviour('node', () => onPort({ server: 'node' }));
describeBehaviour('node with TLS', () => onPort({ server: 'node', tls: certificate }));
describe.runIf(bun !== null)('on Bun', () => {
  describeBehaviour('wire', () => onBun('wire'));
});
