// Counters, timings and groups of your own stand in the report beside the requests; `fail` and `stop` end an iteration
// and the run.
//   npx needletail run examples/scenarios/custom-metrics.ts
import { defineLoad } from 'needletail';

export default defineLoad({
  vars: { base: 'http://localhost:8080', most: 300 },
  target: '{{base}}',
  load: { users: 4, duration: '30s' },
  async user({ http, count, timing, group, fail, stop, vars, iteration }) {
    if (iteration >= vars.most) stop(`${vars.most} iterations are enough`);
    const people = await group('two pages', async () => {
      const [first, second] = await Promise.all([http.get('/users/1'), http.get('/users/2')]);
      return [first.json(), second.json()];
    });
    count('people', people.length);
    const startedAt = performance.now();
    JSON.stringify(people);
    timing('serialise', performance.now() - startedAt);
    if (people.length !== 2) fail('a page is missing');
  },
});
