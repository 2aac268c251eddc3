import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BEHAVIOUR } from './behaviour-app.fixture.ts';
import { bun, byFetch, byInject, certificate, inProcess, onBun, onPort } from './ways.fixture.ts';
import type { Way } from './ways.fixture.ts';

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
      if (asked.needs === 'address' && !way.hasAddress) return;
      expected = asked.reports ?? 0;
      const got = await way.ask(asked);
      const { status, body, headers = {}, cookies = [] } = asked.answer;
      expect(got.status, got.body).toBe(status);
      if (body instanceof RegExp) expect(got.body).toMatch(body);
      else if (body !== undefined) expect(got.body).toBe(body);
      for (const [field, value] of Object.entries(headers)) {
        if (field === 'content-length' && !way.hasLengths && asked.method !== 'HEAD') continue;
        const found = got.headers.get(field) ?? null;
        if (value instanceof RegExp) expect(found, field).toMatch(value);
        else expect(found, field).toBe(value);
      }
      expect(got.cookies).toEqual(cookies);
    });
  });
}

describeBehaviour('inject', () => inProcess(byInject));
describeBehaviour('fetch', () => inProcess(byFetch));
describeBehaviour('wire', () => onPort({ server: 'wire' }));
describeBehaviour('wire with TLS', () => onPort({ server: 'wire', tls: certificate }));
describeBehaviour('node', () => onPort({ server: 'node' }));
describeBehaviour('node with TLS', () => onPort({ server: 'node', tls: certificate }));
describe.runIf(bun !== null)('on Bun', () => {
  describeBehaviour('wire', () => onBun('wire'));
  describeBehaviour('bun', () => onBun('bun'));
});
