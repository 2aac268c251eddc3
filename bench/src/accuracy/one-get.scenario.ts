import { defineLoad } from '@needletail/load/scenario';

/** What a plan of one request is as a scenario: an iteration is a request. */
export default defineLoad({
  target: 'http://127.0.0.1',
  vars: { url: '' },
  user: ({ http, vars }) => http.get(vars.url),
});
