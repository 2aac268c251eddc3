// The whole of it: a target, a load, what has to hold, and what a user does.
//   npx needletail run examples/scenarios/first.ts
import { defineLoad } from 'needletail';

export default defineLoad({
  vars: { base: 'http://localhost:8080' },
  target: '{{base}}',
  load: { users: 10, duration: '2s' },
  thresholds: ['p99 < 250ms', 'checks > 99%'],
  async user({ http, check, think, iteration }) {
    const hello = await http.get('/json');
    check(hello, {
      'is there': (response) => response.status === 200,
      'says hello': (response) => response.json<{ message: string }>().message.length > 0,
    });
    await think('20ms', '60ms');
    await http.get(`/users/${iteration}`, { name: 'GET /users/:id' });
  },
});
