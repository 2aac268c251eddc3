/** Below the flags of `needletail --help`. */
export const helpAfter = `
Examples:
  needletail http://localhost:3000                            50 users for 10 seconds
  needletail http://localhost:3000 -R 2000 -d 30s             2,000 requests/s, whatever the target does
  needletail http://localhost:3000 -n 10k -c 20               10,000 requests over 20 connections
  needletail http://localhost:3000 -s 10s:50 -s 30s:200       up to 50 users, then to 200
  needletail http://localhost:3000/cart -m POST -b @cart.json -H 'Content-Type: application/json'
  needletail http://localhost:3000 -R 500 --threshold 'p99 < 50ms' --json result.json
  needletail --on-port 3000 -- node server.js                 start it, load it, stop it
  needletail demo                                             see it work, without a service of your own

Which load:
  A closed loop (-c, -u) asks how much the target can take: a user sends when the last answer is in.
  An open loop (-R) asks how it feels at a given traffic: requests are due on a schedule and latency
  counts from then, so a stall of the target shows in full.

Exit codes:
  0    passed
  1    failed: a threshold was missed ('error rate < 1%' applies unless you say otherwise)
  2    bad flag, plan or file; a report could not be written
  3    invalid: the generator was the limit, or nothing could be reached; beats 1
  130  interrupted by Ctrl-C (143: terminated); what was measured is reported

Results go to standard output, everything else to standard error. NO_COLOR turns colours off.
`;

/** Below the flags of `needletail run --help`. */
export const runHelpAfter = `
Flags override the file. A scenario (needletail init writes a first one):

  import { defineLoad } from 'needletail';

  export default defineLoad({
    target: 'http://localhost:3000',
    load: { users: 50, duration: '30s' },
    thresholds: ['p99 < 200ms', 'checks > 99%'],
    async user({ http, check }) {
      const cart = await http.post('/cart', { json: { sku: 42 } });
      check(cart, { created: (r) => r.status === 201 });
    },
  });

A plan:

  target: http://localhost:3000
  requests:
    - { path: /, weight: 8 }
    - { method: POST, path: /cart, json: { sku: 42 }, weight: 2 }
  load: { rate: 500, duration: 30s }
  thresholds: ['p99 < 200ms', 'error rate < 1%']

Examples:
  needletail run load.ts                        as the file says
  needletail run load.ts -R 100 -d 1m           100 iterations per second for a minute
  needletail run load.ts -i 1                   one iteration of one user
  needletail run load.ts -e sku=7 -w 2          its vars.sku is 7, in two threads
`;

/** Below the arguments of `needletail init --help`. */
export const initHelpAfter = `
Examples:
  needletail init                                       writes load.ts
  needletail init tests/shop.ts --target http://localhost:3000
`;

/** Below the flags of `needletail stress --help`. */
export const stressHelpAfter = `
Objectives are thresholds: p95 < 500ms, p99 < 1s, error rate < 1% and timeouts < 5% unless --threshold says otherwise.
A breach is tested again before it is believed. A plan can hold the settings:

  target: http://localhost:3000
  thresholds: ['p95 < 200ms', 'error rate < 1%']
  stress: { scenario: breakpoint, startRate: 100, maxRate: 20k }
`;
