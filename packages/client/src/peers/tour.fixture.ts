// A tour of the client, run under Node and under Bun against the same servers; what it prints must be the same.
// Arguments: JSON with the URLs of the servers and the certificate to trust.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, ClientError, fileFrom } from '../index.ts';

export interface TourPlan {
  readonly http: string;
  readonly https: string;
  readonly http2: string;
  readonly websocket: string;
  readonly ca: string;
}

const plan = JSON.parse(process.argv[2]!) as TourPlan;
const client = new Client({ baseUrl: plan.http, trustEnv: false });
const secure = new Client({ baseUrl: plan.https, tls: { ca: plan.ca }, trustEnv: false });
const folder = mkdtempSync(join(tmpdir(), 'needletail-tour-'));

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 50; index += 1) yield Buffer.alloc(10_000, index);
}

/** What can be compared of an error: nothing that a runtime words itself. */
async function failureOf(work: Promise<unknown>): Promise<object> {
  try {
    await work;
    return { failed: false };
  } catch (error) {
    if (!(error instanceof ClientError)) return { failed: String(error) };
    return { name: error.name, code: error.code, phase: error.phase, method: error.method };
  }
}

const STOPS: Readonly<Record<string, () => Promise<unknown>>> = {
  async get() {
    const response = await client.get('/text', { params: { a: 'ü', b: [1, 2] } });
    const { status, ok, reason, httpVersion } = response;
    return { status, ok, reason, httpVersion, text: response.text() };
  },
  async head() {
    const response = await client.head('/text');
    return { status: response.status, bytes: response.bytes().length };
  },
  postJson: async () => (await client.post('/echo', { json: { ü: [1, null] } })).json(),
  postForm: async () => (await client.post('/echo', { form: { a: 'b c', d: '&' } })).json(),
  async postMultipart() {
    // Bun adds a charset to types of text.
    const file = new Blob(['content'], { type: 'image/png' });
    const answer = await client.post('/echo', {
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      multipart: { field: 'value', file },
    });
    return answer.json();
  },
  postStream: async () => (await client.post('/length', { body: pieces() })).json(),
  postWebStream: async () =>
    (await client.post('/length', { body: new Blob(['x'.repeat(300_000)]).stream() })).json(),
  postLarge: async () =>
    (await client.post('/length', { body: Buffer.alloc(20_000_000, 'y') })).json(),
  expectContinue: async () =>
    (await client.post('/length', { body: 'waiting', expectContinue: true })).json(),
  async large() {
    const response = await client.get('/large');
    return { bytes: response.bytes().length, last: response.bytes().at(-1) };
  },
  async stream() {
    let bytes = 0;
    const response = await client.stream('GET', '/large');
    for await (const chunk of response) bytes += chunk.length;
    return { bytes };
  },
  async streamLeft() {
    const response = await client.stream('GET', '/large');
    for await (const chunk of response) if (chunk.length > 0) break;
    await response.close();
    return (await client.get('/text')).status;
  },
  async lines() {
    const lines: string[] = [];
    for await (const line of (await client.stream('GET', '/lines')).lines()) lines.push(line);
    return lines;
  },
  gzip: async () => (await client.get('/gzip')).text(),
  br: async () => (await client.get('/br')).text(),
  deflate: async () => (await client.get('/deflate')).text(),
  zstd: async () => (await client.get('/zstd')).text().length,
  badGzip: () => failureOf(client.get('/bad-gzip')),
  async gzipStream() {
    let text = '';
    for await (const part of (await client.stream('GET', '/gzip')).textStream()) text += part;
    return text;
  },
  async redirect() {
    const response = await client.post('/redirect', { body: 'x' });
    return { history: response.history.map(({ status }) => status), text: response.text() };
  },
  async cookies() {
    await client.get('/cookie');
    return ((await client.get('/echo')).json() as { cookie: string }).cookie;
  },
  auth: async () =>
    (
      (await client.get('/echo', { auth: { username: 'u', password: 'p' } })).json() as {
        authorization: string;
      }
    ).authorization,
  async retry() {
    return (await client.get('/flaky', { retry: { attempts: 2, backoffMs: 1 } })).status;
  },
  timeout: () => failureOf(client.get('/hang', { timeout: { read: 60 } })),
  totalTimeout: () => failureOf(client.get('/hang', { timeout: { total: 60 } })),
  bodyTimeout: () => failureOf(client.get('/half', { timeout: { read: 60 } })),
  abort: () => failureOf(client.get('/hang', { signal: AbortSignal.timeout(30) })),
  abortedBefore: () => failureOf(client.get('/text', { signal: AbortSignal.abort() })),
  refused: () => failureOf(client.get('http://127.0.0.1:1/')),
  noName: () => failureOf(client.get('http://no-such-name.invalid/')),
  reset: () => failureOf(client.get('/reset')),
  truncated: () => failureOf(client.get('/truncated')),
  badHeader: () => failureOf(client.get('/text', { headers: { a: 'x\ny' } })),
  badUrl: () => failureOf(client.get('http://user:pw@bad host/')),
  async gather() {
    const all = await client.gather(Array.from({ length: 60 }, (_, index) => `/item/${index}`));
    return all.map((response) => response.text());
  },
  async collect() {
    const values: string[] = [];
    const run = client.collect(['/item/1', '/nothing', '/item/2'], { ordered: true });
    for await (const { value, error } of run) values.push(value?.text() ?? String(error?.name));
    return values;
  },
  async download() {
    const path = join(folder, 'large');
    const { sizeBytes } = await client.download('/large', path);
    return { sizeBytes, onDisk: readFileSync(path).length };
  },
  async upload() {
    const path = join(folder, 'large');
    return (await client.post('/length', { body: (await fileFrom(path)).content })).json();
  },
  async events() {
    const seen: unknown[] = [];
    for await (const event of client.events('/events')) {
      seen.push([event.event, event.data, event.id]);
      if (seen.length === 3) break;
    }
    return seen;
  },
  async tls() {
    const response = await secure.get('/text');
    return { status: response.status, text: response.text() };
  },
  tlsLarge: async () =>
    (await secure.post('/length', { body: Buffer.alloc(3_000_000, 'y') })).json(),
  async tlsUntrusted() {
    const strict = new Client({ trustEnv: false });
    const failure = await failureOf(strict.get(`${plan.https}/text`));
    await strict.close();
    return failure;
  },
  async http2() {
    const both = new Client({
      baseUrl: plan.http2,
      http2: true,
      tls: { ca: plan.ca },
      trustEnv: false,
    });
    const responses = await both.gather(Array.from({ length: 20 }, (_, index) => `/item/${index}`));
    const posted = await both.post('/length', { body: Buffer.alloc(500_000, 'z') });
    const { opened } = both.pool;
    await both.close();
    const versions = new Set(responses.map(({ httpVersion }) => httpVersion));
    return {
      versions: [...versions],
      opened,
      texts: responses.map((r) => r.text()),
      length: posted.json(),
    };
  },
  async websocket() {
    const socket = await client.websocket(plan.websocket);
    socket.send('hällo');
    socket.send(Buffer.alloc(70_000, 'w'));
    const seen: unknown[] = [];
    for await (const message of socket) {
      seen.push(typeof message === 'string' ? message : message.length);
      if (seen.length === 2) break;
    }
    const { code, wasClean } = await socket.close(1000);
    return { seen, code, wasClean };
  },
  async reuse() {
    const fresh = new Client({ baseUrl: plan.http, trustEnv: false });
    for (let index = 0; index < 10; index += 1) await fresh.get('/text');
    const { opened, reused, idle } = fresh.pool;
    await fresh.close();
    return { opened, reused, idle, open: fresh.pool.open };
  },
  raw: async () => (await client.raw.get(`${plan.http}/text`)).body.toString(),
  async closed() {
    await Promise.all([client.close(), secure.close()]);
    return failureOf(client.get('/text'));
  },
};

const results: Record<string, unknown> = {};
for (const [name, stop] of Object.entries(STOPS)) {
  try {
    results[name] = await stop();
  } catch (error) {
    results[name] = { threw: String(error) };
  }
}
rmSync(folder, { recursive: true });
process.stdout.write(`${JSON.stringify(results)}\n`);
