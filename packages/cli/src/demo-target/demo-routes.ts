import { DemoReply, JSON_TYPE } from './demo-reply.ts';

/** What to do about a request; found when its head is there, done when its body is. */
export type DemoAction =
  | { readonly kind: 'reply'; readonly reply: DemoReply; readonly mustClose?: boolean }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'size'; readonly sizeBytes: number }
  | { readonly kind: 'flaky'; readonly percent: number }
  | { readonly kind: 'broken'; readonly how: BrokenHow }
  | { readonly kind: 'slow' | 'chunked' | 'echo' };

export type BrokenHow = 'reset' | 'truncate' | 'garbage' | 'hang';

const MOST_DELAY_MS = 60_000;
const MOST_SIZE_BYTES = 64 * 1024 * 1024;

const HELP = `Paths of the demo target

GET  /  /json         {"message":"hello, world"}
GET  /text            hello, world
GET  /users/:id       a small JSON object
GET  /delay/:ms       answers after that many milliseconds (0 to ${MOST_DELAY_MS})
GET  /size/:bytes     a body of that size (0 to ${MOST_SIZE_BYTES})
GET  /status/:code    answers with that status (200 to 599)
GET  /flaky/:percent  503 for that share of the requests, the same ones for the same seed
GET  /slow            a body that takes a second to arrive
GET  /chunked         a body in chunks
POST /echo            the body back (PUT too)
GET  /broken/:how     reset, truncate, garbage or hang
GET  /help            this text

HEAD works wherever GET does.
`;

const READ_METHODS = 'GET, HEAD, OPTIONS';
const ECHO_METHODS = 'POST, PUT, OPTIONS';

function reply(status: number, body: string, type?: string): DemoAction {
  return { kind: 'reply', reply: new DemoReply(status, body, type) };
}

const HELLO_JSON = reply(200, '{"message":"hello, world"}', JSON_TYPE);
/** What `/delay` and a lucky `/flaky` answer. */
export const DONE_REPLY: DemoReply = new DemoReply(200, 'done\n');
export const FLAKY_REPLY: DemoReply = new DemoReply(503, 'unlucky\n');
const NOT_FOUND = reply(404, 'no such path; GET /help lists them\n');
const EXPECTATION_FAILED: DemoAction = {
  kind: 'reply',
  reply: new DemoReply(417, 'only 100-continue can be expected\n'),
  mustClose: true,
};

const FIXED: ReadonlyMap<string, DemoAction> = new Map<string, DemoAction>([
  ['/', HELLO_JSON],
  ['/json', HELLO_JSON],
  ['/text', reply(200, 'hello, world\n')],
  ['/help', reply(200, HELP)],
  ['/slow', { kind: 'slow' }],
  ['/chunked', { kind: 'chunked' }],
  ['/echo', { kind: 'echo' }],
]);

/** The action for a request; every request has one. A target is compared, never decoded and never looked up on disk. */
export function findDemoAction(method: string, target: string): DemoAction {
  if (method === 'GET') {
    const fixed = FIXED.get(target);
    if (fixed !== undefined && fixed.kind !== 'echo') return fixed;
  }
  if (method === 'CONNECT') return notAllowed(READ_METHODS, true);
  const found = target === '*' ? HELLO_JSON : findByPath(pathOf(target));
  if (found === NOT_FOUND) return found;
  const allowed = found.kind === 'echo' ? ECHO_METHODS : READ_METHODS;
  if (method === 'OPTIONS') return { kind: 'reply', reply: allowReply(204, allowed) };
  return allowed.split(', ').includes(method) ? found : notAllowed(allowed);
}

/** For an expectation that nobody here can meet (RFC 9110 §10.1.1). */
export function refuseExpectation(): DemoAction {
  return EXPECTATION_FAILED;
}

/** Path without query, also of an absolute target, which a server must accept (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  let start = 0;
  if (!target.startsWith('/')) {
    start = target.indexOf('/', target.indexOf('//') + 2);
    if (start < 0) return '/';
  }
  const query = target.indexOf('?', start);
  return query < 0 ? target.slice(start) : target.slice(start, query);
}

function findByPath(path: string): DemoAction {
  const fixed = FIXED.get(path);
  if (fixed !== undefined) return fixed;
  const [, name, argument, ...rest] = path.split('/');
  if (argument === undefined || rest.length > 0) return NOT_FOUND;
  return findByArgument(name, argument);
}

function findByArgument(name: string, argument: string): DemoAction {
  switch (name) {
    case 'users':
      return findUser(argument);
    case 'delay':
      return withNumber(argument, 0, MOST_DELAY_MS, (delayMs) => ({ kind: 'delay', delayMs }));
    case 'size':
      return withNumber(argument, 0, MOST_SIZE_BYTES, (sizeBytes) => ({ kind: 'size', sizeBytes }));
    case 'flaky':
      return withNumber(argument, 0, 100, (percent) => ({ kind: 'flaky', percent }));
    case 'status':
      return withNumber(argument, 200, 599, (status) =>
        reply(status, status === 205 ? '' : `status ${status}\n`),
      );
    case 'broken':
      return isBrokenHow(argument) ? { kind: 'broken', how: argument } : NOT_FOUND;
    default:
      return NOT_FOUND;
  }
}

function findUser(id: string): DemoAction {
  if (!/^\d{1,12}$/.test(id)) return NOT_FOUND;
  return reply(200, `{"id":${Number(id)},"name":"User ${Number(id)}"}`, JSON_TYPE);
}

function withNumber(
  text: string,
  least: number,
  most: number,
  then: (value: number) => DemoAction,
): DemoAction {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return then(value);
  return reply(400, `give a whole number from ${least} to ${most}\n`);
}

function isBrokenHow(text: string): text is BrokenHow {
  return text === 'reset' || text === 'truncate' || text === 'garbage' || text === 'hang';
}

function notAllowed(allowed: string, mustClose = false): DemoAction {
  return { kind: 'reply', reply: allowReply(405, allowed), mustClose };
}

function allowReply(status: number, allowed: string): DemoReply {
  const body = status === 405 ? `allowed here: ${allowed}\n` : '';
  return new DemoReply(status, body, undefined, [['Allow', allowed]]);
}
