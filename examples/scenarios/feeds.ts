// Rows for iterations: from a CSV file, at random; from a list in the code, each once: there have to be enough.
//   npx needletail run examples/scenarios/feeds.ts
import { defineLoad, feed } from 'needletail';

const orders = Array.from({ length: 200 }, (_, index) => ({
  order: index,
  express: index % 5 === 0,
}));

export default defineLoad({
  vars: { base: 'http://localhost:8080' },
  target: '{{base}}',
  load: { users: 5, iterations: 200 },
  data: {
    people: feed<{ name: string; city: string }>('../data/people.csv', { pick: 'random' }),
    orders: { rows: orders, pick: 'unique' },
  },
  async user({ http, check, data }) {
    const { order, express } = data.orders;
    const echo = await http.post('/echo', { json: { order, express, name: data.people.name } });
    check(echo, { 'comes back': (r) => r.json<{ order: number }>().order === order });
  },
});
