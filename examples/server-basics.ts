// A small service: routes, a group with middleware, a plugin, errors, a stream. Answers over a socket and without one.
//   npx tsx examples/server-basics.ts
import { App, HttpError, json, middleware, stream, type Plugin } from '@needletail/server';

interface Note {
  readonly id: number;
  readonly title: string;
}

const user = middleware<{ user: string }>((c, next) => {
  const name = c.header('x-user');
  if (name === null) throw new HttpError(401, 'Say who you are in X-User.');
  c.locals.user = name;
  return next();
});

const uptime: Plugin = {
  name: 'uptime',
  setup(scope) {
    const startedAt = performance.now();
    scope.get('/uptime', () => ({ seconds: (performance.now() - startedAt) / 1000 }));
  },
};

const notes = new Map<number, Note>();
const app = new App({ state: { notes } }).register(uptime);

app
  .group('/notes')
  .use(user)
  .get('/', (c) => [...c.state.notes.values()])
  .get('/:id(\\d+)', (c) => {
    const note = c.state.notes.get(Number(c.params.id));
    if (note === undefined) throw new HttpError(404, 'There is no such note.');
    return note;
  })
  .post('/', async (c) => {
    const { title } = await c.read.json<{ title: string }>();
    const note = { id: c.state.notes.size + 1, title: `${title} (by ${c.locals.user})` };
    c.state.notes.set(note.id, note);
    return json(note, { status: 201, headers: { Location: `/notes/${note.id}` } });
  });

app.get('/count', () => stream(count(), { type: 'text/plain' }));

async function* count(): AsyncGenerator<string> {
  for (let n = 3; n > 0; n -= 1) yield `${n}\n`;
}

app.on('response', (c, { status, durationMs }) => {
  console.log(`${c.method} ${c.path} ${status} in ${durationMs.toFixed(1)} ms`);
});

const { host, port } = await app.listen({ port: 0 });
const base = `http://${host}:${port}`;
const headers = { 'X-User': 'ada', 'Content-Type': 'application/json' };
await fetch(`${base}/notes`, { method: 'POST', headers, body: '{"title":"buy milk"}' });
console.log(await (await fetch(`${base}/notes/1`, { headers })).json());
console.log(
  (await fetch(`${base}/notes`)).status,
  (await fetch(`${base}/notes/7`, { headers })).status,
);
console.log(await (await fetch(`${base}/count`)).text());
console.log((await app.inject('/uptime')).status); // the same application without a socket
await app.close();
