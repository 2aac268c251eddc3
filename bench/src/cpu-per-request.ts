// Processor time per request of this load generator and of every peer that is installed, against nginx on the same
// machine: 50 keep-alive connections, one GET of a small body. The figure is marginal, a long run less a short one, so
// that start-up does not count; tools take turns, in fresh processes, in an order that changes every round.
//
//   npm run build && npx tsx bench/src/cpu-per-request.ts [--rounds 5] [--long 8] [--short 2] [--tls] [--only wrk,node,bun]
import { parseArgs } from 'node:util';
import { CPU_FLAGS, compareCpu, toolsWanted } from './compare/cpu-comparison.ts';
import { startNginx } from './compare/nginx.ts';
import { needletailOnBun, needletailOnNode, peers, wrk } from './compare/tools.ts';

const { values } = parseArgs({
  options: { ...CPU_FLAGS, tls: { type: 'boolean', default: false } },
});

const tools = toolsWanted([wrk, needletailOnNode, needletailOnBun, ...peers], values);
await compareCpu(tools, await startNginx({ tls: values.tls }), values, {
  title: `CPU per request, GET of 17 bytes from nginx${values.tls ? ' over TLS 1.3' : ''}`,
  ratio: 'ratio to wrk (median of rounds)',
});
