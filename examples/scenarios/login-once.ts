// `session` lasts as long as its user: each user logs in once, whatever the number of iterations. What all users have in
// common is made in setup.
//   npx needletail run examples/scenarios/login-once.ts
import { defineLoad } from 'needletail';

export default defineLoad({
  vars: { base: 'http://localhost:8080' },
  target: '{{base}}',
  load: { users: 5, iterations: 100 },
  async setup({ http }) {
    const catalogue = await http.get('/json');
    return { greeting: catalogue.json<{ message: string }>().message };
  },
  async user({ http, check, session, shared, user }) {
    session['token'] ??= await logIn();
    const answer = await http.post('/echo', {
      headers: { Authorization: `Bearer ${String(session['token'])}` },
      body: shared.greeting,
    });
    check(answer, { 'is the greeting': (r) => r.text() === shared.greeting });

    async function logIn(): Promise<string> {
      const login = await http.post('/echo', {
        json: { token: `of-${user}` },
        name: 'POST /login',
      });
      return login.json<{ token: string }>().token;
    }
  },
});
