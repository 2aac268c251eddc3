import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { streamBody } from '../body/stream-body.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { HeaderList } from '../model/header-list.ts';
import { converse, makeResponse } from '../send/exchange.fixture.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { oauth2, type OAuth2Options } from './oauth2.ts';

const OPTIONS: OAuth2Options = {
  tokenUrl: 'http://login.example/token',
  clientId: 'app:1',
  clientSecret: 's3cret &',
};

/** A token server and an API that takes the last token it gave. */
class Servers {
  issued = 0;
  lifetimeSeconds: number | undefined = 3600;
  tokenRequests: ClientRequest[] = [];
  revoked = new Set<string>();

  readonly answer = (request: ClientRequest): TransportResponse => {
    if (request.url.host === 'login.example') {
      this.tokenRequests.push(request);
      this.issued += 1;
      const body = {
        access_token: `t${this.issued}`,
        token_type: 'Bearer',
        expires_in: this.lifetimeSeconds,
      };
      return makeResponse(200, ['Content-Type: application/json'], JSON.stringify(body));
    }
    const token = request.headers.get('authorization') ?? '';
    return makeResponse(this.revoked.has(token.slice('Bearer '.length)) ? 401 : 200);
  };
}

function apiRequest(changes: Partial<ClientRequest> = {}): ClientRequest {
  return makeRequest('http://api.example/x', changes);
}

function tokensOf(sent: readonly ClientRequest[]): (string | null)[] {
  return sent
    .filter(({ url }) => url.host === 'api.example')
    .map(({ headers }) => headers.get('authorization'));
}

describe('oauth2()', () => {
  it('asks for a token first, and keeps it', async () => {
    const servers = new Servers();
    const flow = oauth2({ ...OPTIONS, scope: 'read write', extraParams: { audience: 'api' } });
    const headers = new HeaderList({ 'User-Agent': 'test', Cookie: 'a=b', 'X-Api': '1' });
    const first = await converse(flow, apiRequest({ headers, isStreaming: true }), servers.answer);
    expect(tokensOf(first.sent)).toEqual(['Bearer t1']);
    const asked = servers.tokenRequests[0]!;
    expect(asked).toMatchObject({ method: 'POST', auth: null, isStreaming: false });
    expect(asked.body!.whole).toBe('grant_type=client_credentials&scope=read+write&audience=api');
    expect([...asked.headers]).toEqual([
      ['Accept', 'application/json'],
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['User-Agent', 'test'],
      ['Authorization', `Basic ${Buffer.from('app%3A1:s3cret+%26').toString('base64')}`],
    ]);
    const second = await converse(flow, apiRequest(), servers.answer);
    expect(tokensOf(second.sent)).toEqual(['Bearer t1']);
    expect(servers.issued).toBe(1);
  });

  it('sends id and secret in the body where that is wanted', async () => {
    const servers = new Servers();
    await converse(oauth2({ ...OPTIONS, clientAuth: 'body' }), apiRequest(), servers.answer);
    const asked = servers.tokenRequests[0]!;
    expect(asked.headers.has('authorization')).toBe(false);
    expect(asked.body!.whole).toBe(
      'grant_type=client_credentials&client_id=app%3A1&client_secret=s3cret+%26',
    );
  });

  it('replaces a token shortly before its end, and never one without an end', async () => {
    const servers = new Servers();
    servers.lifetimeSeconds = 600;
    const flow = oauth2(OPTIONS);
    const at = async (startedAtMs: number): Promise<void> => {
      await converse(flow, apiRequest({ startedAtMs }), servers.answer);
    };
    await at(1000);
    await at(540_999);
    expect(servers.issued).toBe(1);
    servers.lifetimeSeconds = undefined;
    await at(541_000);
    expect(servers.issued).toBe(2);
    await at(1e12);
    expect(servers.issued).toBe(2);
  });

  it('uses a token of a short life for half of it', async () => {
    const servers = new Servers();
    servers.lifetimeSeconds = 30;
    const flow = oauth2(OPTIONS);
    for (const startedAtMs of [0, 14_999, 15_000]) {
      await converse(flow, apiRequest({ startedAtMs }), servers.answer);
    }
    expect(servers.issued).toBe(2);
  });

  it('asks once for many requests at a time', async () => {
    const servers = new Servers();
    const flow = oauth2(OPTIONS);
    const slow = async (request: ClientRequest): Promise<TransportResponse> => {
      await Promise.resolve();
      return servers.answer(request);
    };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => converse(flow, apiRequest(), slow)),
    );
    expect(servers.issued).toBe(1);
    for (const { sent } of all) expect(tokensOf(sent)).toEqual(['Bearer t1']);
  });

  it('gets another token at a 401, once for all who had the old one, and tries again', async () => {
    const servers = new Servers();
    const flow = oauth2(OPTIONS);
    await converse(flow, apiRequest(), servers.answer);
    servers.revoked.add('t1');
    const slow = async (request: ClientRequest): Promise<TransportResponse> => {
      await Promise.resolve();
      return servers.answer(request);
    };
    const all = await Promise.all(
      Array.from({ length: 5 }, () => converse(flow, apiRequest(), slow)),
    );
    expect(servers.issued).toBe(2);
    for (const { sent, last } of all) {
      expect(tokensOf(sent)).toEqual(['Bearer t1', 'Bearer t2']);
      expect(last.status).toBe(200);
    }
  });

  it('hands a second 401 over, and the first where the body can be read once only', async () => {
    const servers = new Servers();
    for (const token of ['t1', 't2', 't3']) servers.revoked.add(token);
    const flow = oauth2(OPTIONS);
    const twice = await converse(flow, apiRequest(), servers.answer);
    expect(twice.last.status).toBe(401);
    expect(tokensOf(twice.sent)).toHaveLength(2);
    const body = streamBody((async function* () {})());
    const once = await converse(flow, apiRequest({ body }), servers.answer);
    expect(once.last.status).toBe(401);
    expect(tokensOf(once.sent)).toHaveLength(1);
  });

  it.each([
    [
      makeResponse(401, [], '{"error":"invalid_client","error_description":"s3cret"}'),
      '401: invalid_client',
    ],
    [makeResponse(500, [], '<html>'), 'answered 500'],
    [makeResponse(200, [], '<html>'), 'no JSON object'],
    [makeResponse(200, [], '{"access_token":"a","token_type":"mac"}'), 'another kind'],
    [makeResponse(200, [], '{"access_token":"a b"}'), 'no usable access_token'],
    [makeResponse(200, [], '{}'), 'no usable access_token'],
  ])('rejects with AuthError for answer %#, and tries anew next time', async (answer, reason) => {
    const flow = oauth2(OPTIONS);
    const asked = converse(flow, apiRequest(), () => answer);
    await expect(asked).rejects.toMatchObject({
      code: 'AUTH_TOKEN',
      url: 'http://login.example/token',
      message: expect.stringContaining(reason),
    });
    await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining('s3cret') });
    const { last } = await converse(flow, apiRequest(), new Servers().answer);
    expect(last.status).toBe(200);
  });

  it('lets the waiting requests fail with the one that asked', async () => {
    const flow = oauth2(OPTIONS);
    const refused = new Error('ECONNREFUSED');
    const fail = (): Promise<never> => Promise.reject(refused);
    const [first, second] = await Promise.allSettled([
      converse(flow, apiRequest(), fail),
      converse(flow, apiRequest(), fail),
    ]);
    expect(first).toMatchObject({ reason: refused });
    expect(second).toMatchObject({ reason: { code: 'AUTH_TOKEN' } });
  });

  it('lets another request ask when the one that did was aborted', async () => {
    const servers = new Servers();
    const flow = oauth2(OPTIONS);
    const controller = new AbortController();
    const aborted = converse(flow, apiRequest({ signal: controller.signal }), () => {
      controller.abort();
      return Promise.reject(new Error('aborted'));
    });
    const other = converse(flow, apiRequest(), servers.answer);
    await expect(aborted).rejects.toThrow('aborted');
    expect((await other).last.status).toBe(200);
    expect(servers.issued).toBe(1);
  });

  it('stops waiting for the token of another when it is aborted itself', async () => {
    const flow = oauth2(OPTIONS);
    const servers = new Servers();
    let release!: () => void;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = converse(flow, apiRequest(), async (request) => {
      await gate;
      return servers.answer(request);
    });
    const controller = new AbortController();
    const waiting = converse(flow, apiRequest({ signal: controller.signal }), servers.answer);
    await Promise.resolve();
    controller.abort('enough');
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
    release();
    expect((await first).last.status).toBe(200);
  });

  it.each([
    { tokenUrl: '' },
    { clientId: '' },
    { clientSecret: 7 },
    { leewayMs: -1 },
    { clientAuth: 'jwt' },
  ])('refuses the options %j', (changes) => {
    expect(() => oauth2({ ...OPTIONS, ...changes } as OAuth2Options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});
