// Processor time per request of a scripted run: each of 50 users gets a small JSON body, parses it and checks it. Beside it
// the fixed requests of wrk, of this tool and of autocannon, which do none of that, and the scripts of k6 and Artillery.
// A bare loop on node:net that decodes nothing is the floor of what the runtime can do. The figure is marginal, a long run
// less a short one; tools take turns, in fresh processes, in an order that changes.
//
//   npm run build && npx tsx bench/src/script-cpu.ts [--rounds 5] [--long 8] [--short 2] [--only wrk,needletail]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bareClient } from './compare/bare-tool.ts';
import { CPU_FLAGS, compareCpu, toolsWanted } from './compare/cpu-comparison.ts';
import { startNginx } from './compare/nginx.ts';
import { needletailOnBun, needletailOnNode, peers, wrk, type Tool } from './compare/tools.ts';

const { values } = parseArgs({ options: CPU_FLAGS });

const folder = mkdtempSync(join(tmpdir(), 'needletail-script-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** This tool with a scenario in place of a URL; types are not checked, which is no part of the run. */
function scripted(tool: Tool): Tool {
  return {
    ...tool,
    name: `${tool.name}, script`,
    arguments: (url, seconds, users) => {
      const file = join(folder, 'load.js');
      writeFileSync(
        file,
        `import { defineLoad } from 'needletail';
export default defineLoad({
  target: ${JSON.stringify(url)},
  async user({ http, check }) {
    const response = await http.get('/');
    check(response, { hello: (r) => r.json().hello === 'world' });
  },
});
`,
      );
      const [command] = tool.arguments(url, seconds, users);
      const load = ['-u', String(users), '-d', `${seconds}s`];
      const quiet = ['--no-typecheck', '--quiet', '--threshold', 'none', '--json', '-'];
      return [command!, 'run', file, ...load, ...quiet];
    },
  };
}

const k6Script: Tool = {
  ...peers.find(({ name }) => name === 'k6')!,
  name: 'k6, script',
  arguments: (url, seconds, users) => {
    const file = join(folder, 'k6.js');
    writeFileSync(
      file,
      `import http from 'k6/http';
import { check } from 'k6';
export default function () {
  const response = http.get('${url}');
  check(response, { hello: (r) => r.json().hello === 'world' });
}
`,
    );
    const load = ['-u', String(users), '-d', `${seconds}s`];
    return ['run', '--quiet', '--no-usage-report', ...load, file];
  },
};

const named = (name: string): Tool => peers.find((tool) => tool.name === name)!;
const tools = toolsWanted(
  [
    wrk,
    bareClient('node:net, bare'),
    needletailOnNode,
    scripted(needletailOnNode),
    scripted(needletailOnBun),
    named('autocannon'),
    k6Script,
    named('artillery'),
  ],
  values,
);

/** What a scripted request may cost of wrk's; `node:net, bare` is the least that the runtime allows. */
const GATE = 1.7;

await compareCpu(tools, await startNginx({ tls: false }), values, {
  title: 'CPU per request, GET of 17 bytes of JSON from nginx',
  ratio: `ratio to wrk (median of rounds; gate for the script on node ${GATE})`,
});
