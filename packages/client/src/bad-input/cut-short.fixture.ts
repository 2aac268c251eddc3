// Calls that are ended by their caller: a signal that is aborted, a client that is closed, at each stage of a request.
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { AbortedError, ClosedError } from '../errors.ts';
import { answer, say } from './bad-server.fixture.ts';
import type { BadCase, BadContext, ExpectedError, Style } from './bad-case.fixture.ts';

const LAYERED: readonly Style[] = ['request', 'stream', 'gather'];
const EVERY: readonly Style[] = [...LAYERED, 'raw'];
const OK = 'HTTP/1.1 200 OK\r\n';
const PATIENT_MS = 10_000;

export const ABORT_REASON = new Error('the user went away');

const ABORTED: ExpectedError = {
  type: AbortedError,
  code: 'ABORTED',
  phase: 'total',
  hasCause: true,
};
const CLOSED: ExpectedError = { type: ClosedError, code: 'CLIENT_CLOSED', phase: 'pool' };

/** A stage in which a request can be stuck, and how to see that it is. */
interface Stage extends Pick<
  BadCase,
  | 'name'
  | 'isDeaf'
  | 'server'
  | 'client'
  | 'before'
  | 'method'
  | 'options'
  | 'styles'
  | 'keepsConnection'
> {
  readonly isReached: (context: BadContext) => boolean;
  /** The client has no request there: closing it ends nothing. */
  readonly isPause?: boolean;
}

const hasArrived = ({ server }: BadContext): boolean =>
  server.arrivals.some(({ path }) => path.startsWith('/bad'));

const STAGES: readonly Stage[] = [
  {
    name: 'waiting for a connection',
    client: { limits: { maxConnections: 1 } },
    server: { serve: say(`${OK}Content-Length: 100000\r\n\r\n`) },
    before: async ({ client, server }) => {
      const occupied = await client.stream('GET', `${server.url}/slow-body`);
      return () => occupied.close();
    },
    isReached: ({ client }) => client.pool.waiting === 1,
  },
  {
    name: 'connecting',
    server: { onConnect: () => {}, tls: selfSignedCertificate() },
    isReached: ({ client, server }) => client.pool.connecting === 1 && server.connections === 1,
  },
  { name: 'waiting for an answer', isReached: hasArrived },
  {
    name: 'in the head',
    server: { serve: say(`${OK}X-Half: `) },
    isReached: hasArrived,
  },
  {
    name: 'in the body',
    server: { serve: say(`${OK}Content-Length: 100\r\n\r\nshort`) },
    isReached: hasArrived,
  },
  {
    name: 'in an encoded body',
    server: { serve: say(`${OK}Content-Encoding: gzip\r\nContent-Length: 99\r\n\r\n\x1f\x8b\b`) },
    isReached: hasArrived,
    styles: LAYERED,
  },
  {
    name: 'sending',
    method: 'POST',
    options: { body: Buffer.alloc(32 * 1024 * 1024) },
    server: { serve: ({ socket }) => void socket.pause() },
    isDeaf: true,
    isReached: hasArrived,
    styles: LAYERED,
  },
  {
    name: 'waiting for 100 Continue',
    method: 'POST',
    options: { body: 'x', expectContinue: true },
    isReached: hasArrived,
    styles: LAYERED,
  },
  {
    name: 'waiting for the source of a body',
    method: 'POST',
    options: () => ({ body: silent() }),
    isReached: hasArrived,
    styles: LAYERED,
  },
  {
    name: 'under a total limit',
    client: { timeout: { total: PATIENT_MS } },
    isReached: hasArrived,
    styles: LAYERED,
  },
  {
    name: 'in the pause before another try',
    options: { retry: { attempts: 3, backoffMs: PATIENT_MS, jitter: false } },
    server: { serve: answer('503 Busy', '') },
    isReached: ({ client, server }) => server.arrivals.length > 0 && client.pool.active === 0,
    keepsConnection: true,
    isPause: true,
    styles: LAYERED,
  },
  {
    name: 'waiting for the rate limit',
    client: { rateLimit: { requestsPerSecond: 20 } },
    before: async ({ client, server }) => {
      await client.get(`${server.url}/ok`);
      return () => {};
    },
    isReached: () => true,
    keepsConnection: true,
    isPause: true,
    styles: LAYERED,
  },
];

async function* silent(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {});
  yield Buffer.alloc(0);
}

async function reach(stage: Stage, context: BadContext): Promise<void> {
  while (!stage.isReached(context)) await new Promise((resolve) => void setImmediate(resolve));
  // What the server says at the arrival is read in the turns after it.
  await new Promise((resolve) => void setTimeout(resolve, 5));
}

function caseOf({ name, isReached, isPause, ...stage }: Stage): BadCase[] {
  const during = (end: (context: BadContext) => unknown) => async (context: BadContext) => {
    await reach({ name, isReached, ...stage }, context);
    await end(context);
  };
  const aborted: BadCase = {
    ...stage,
    name: `a signal that is aborted while ${name}`,
    styles: LAYERED,
    endsClient: name === 'connecting',
    during: during(({ controller }) => controller.abort(ABORT_REASON)),
    error: ABORTED,
  };
  const closed: BadCase = {
    ...stage,
    name: `a client that is closed while ${name}`,
    styles: stage.styles ?? EVERY,
    endsClient: true,
    during: during(({ client }) => client.close()),
    error: CLOSED,
  };
  return isPause === true ? [aborted] : [aborted, closed];
}

export const CUT_SHORT: readonly BadCase[] = [
  {
    name: 'a signal that was aborted before',
    before: async ({ controller }) => {
      controller.abort(ABORT_REASON);
      return () => {};
    },
    styles: LAYERED,
    error: ABORTED,
  },
  {
    name: 'a client that was closed before',
    before: async ({ client }) => {
      await client.close();
      return () => {};
    },
    styles: LAYERED,
    endsClient: true,
    error: { ...CLOSED, phase: 'build', isPlaceless: true },
  },
  {
    name: 'a raw request of a client that was closed before',
    before: async ({ client }) => {
      await client.close();
      return () => {};
    },
    styles: ['raw'],
    endsClient: true,
    error: CLOSED,
  },
  ...STAGES.flatMap(caseOf),
];
