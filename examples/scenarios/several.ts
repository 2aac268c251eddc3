// Several scenarios: two share 100 iterations per second by weight, a third goes on beside them at its own pace.
//   npx needletail run examples/scenarios/several.ts
import { defineLoad, type UserContext } from 'needletail';

async function browse({ http, group, random }: UserContext): Promise<void> {
  await group('browse', async () => {
    await http.get('/json');
    await http.get(`/users/${Math.floor(random() * 1000)}`);
  });
}

export default defineLoad({
  vars: { base: 'http://localhost:8080' },
  target: '{{base}}',
  load: { rate: 100, duration: '2s' },
  scenarios: {
    browse: { weight: 9, user: browse },
    buy: {
      weight: 1,
      async user(context) {
        await browse(context);
        await context.http.post('/echo', { json: { sku: 42 }, name: 'POST /order' });
      },
    },
    watchdog: {
      load: { users: 1, duration: '2s', think: '250ms' },
      user: ({ http }) => http.get('/text'),
    },
  },
  thresholds: ['[POST /order] p95 < 250ms', 'iteration error rate < 1%'],
});
