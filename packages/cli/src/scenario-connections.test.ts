import { describe, expect, it } from 'vitest';
import { expectBalance, folder, shop, useShop } from './scenario-runs.fixture.ts';

// Whole runs of the built command against a shop that notes the connection of each request.
useShop();

const connections = (): number => new Set(shop.seen.map(({ port }) => port)).size;

/** 20 users who each make themselves known, and then say who they are with every request. */
const scenario = (settings: string): string => `import { defineLoad } from 'needletail';
export default defineLoad({
  target: 'TARGET',
  ${settings}
  load: { users: 20, iterations: 200 },
  async user({ http, user, session }) {
    if (session.greeted !== true) await http.get(\`/greet/\${user}\`);
    session.greeted = true;
    await http.get('/json', { headers: { 'X-User': String(user) } });
  },
});`;

describe('needletail run <scenario>, connections', () => {
  it.each([
    ['each user has one of its own', '', [], 20],
    ['users take turns on so many', 'connections: { shared: 4 },', [], 4],
    ['on one', 'connections: { shared: 1 },', [], 1],
    ['shared out among threads', 'connections: { shared: 4 },', ['-w', '2'], 4],
  ])('%s', async (_, settings, flags, expected) => {
    const { summary } = await folder.run(scenario(settings), flags);
    expectBalance(summary);
    expect(summary.iterations).toMatchObject({ scheduled: 200, ok: 200 });
    expect(summary.ledger).toMatchObject({
      scheduled: shop.seen.length,
      ok: shop.seen.length,
    });
    expect(connections()).toBe(expected);
    // Cookies stay with their user, whatever connection a request takes.
    const users = new Set<string>();
    for (const { line, cookie, headers } of shop.seen) {
      if (line !== 'GET /json') continue;
      expect(cookie).toBe(`user=${String(headers['x-user'])}`);
      users.add(cookie);
    }
    expect(users.size).toBe(20);
  });

  it('shares 50 where no number is given', async () => {
    const shared = scenario("connections: 'shared',").replace('users: 20', 'users: 80');
    const { summary } = await folder.run(shared);
    expectBalance(summary);
    expect(summary.ledger.ok).toBe(shop.seen.length);
    expect(connections()).toBeLessThanOrEqual(50);
    expect(connections()).toBeGreaterThan(4);
  });

  it('opens a connection for each iteration where the session is one', async () => {
    const { summary } = await folder.run(
      scenario("session: 'iteration',").replace('iterations: 200', 'iterations: 40'),
    );
    expectBalance(summary);
    expect(shop.linesOf('GET /greet/')).toHaveLength(40);
    expect(connections()).toBe(40);
  });
});
