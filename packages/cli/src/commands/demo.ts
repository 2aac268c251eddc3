import { access, constants, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolvePlan } from '@needletail/load/plan';
import { parsePlanFile } from '@needletail/load/plan-file';
import { hgrmExporter, jsonExporter } from '@needletail/report';
import { exitCodes } from '../process/exit-code.ts';
import type { Shell } from '../process/shell.ts';
import type { DemoProcess } from '../process/start-demo-process.ts';
import { executeRun, type RunLoad } from '../run/execute-run.ts';

// A rate that leaves pauses in which the generator sleeps, so that a laptop on battery holds it too; and one answer in
// ten that takes its time, so that there is a tail to look at.
const planText = `
name: demo
target: {{address}}
requests:
  - { path: /json, weight: 6 }
  - { name: 'GET /users/:id', path: '/users/{{random:1:1000}}', weight: 2 }
  - { path: /delay/50, weight: 1 }
  - { method: POST, path: /echo, body: 'a few bytes back', weight: 1 }
load: { rate: 400, duration: 8s }
connections: 100
thresholds: ['p99 < 250ms', 'error rate < 1%']
`;

/** `needletail demo`: a target of its own in a child process, eight seconds of load, and two reports to look at. */
export async function demo(
  flags: { readonly quiet?: boolean; readonly live: boolean },
  shell: Shell,
  runLoad: RunLoad,
  startTarget: () => Promise<DemoProcess>,
): Promise<number> {
  const directory = await reportDirectory(shell.cwd);
  const json = join(directory, 'needletail-demo.json');
  const hgrm = join(directory, 'needletail-demo.hgrm');
  const target = await startTarget();
  try {
    const file = parsePlanFile(planText.replace('{{address}}', target.url), 'demo.yaml');
    const plan = await resolvePlan(file, {}, { cwd: shell.cwd, readFile });
    const settings = {
      outputs: [
        { path: json, exporter: jsonExporter },
        { path: hgrm, exporter: hgrmExporter },
      ],
      quiet: flags.quiet ?? false,
      live: flags.live,
      targetCommand: null,
    };
    const code = await executeRun(plan, settings, shell, runLoad);
    if (!settings.quiet) shell.stderr.write(whatNext(json, hgrm, code));
    return code;
  } finally {
    await target.close();
  }
}

async function reportDirectory(cwd: string): Promise<string> {
  try {
    await access(cwd, constants.W_OK);
    return cwd;
  } catch {
    // Somebody trying the demo in a read-only place still gets the reports; where they are is printed.
    return tmpdir();
  }
}

function whatNext(json: string, hgrm: string, code: number): string {
  const invalid =
    code === exitCodes.invalid
      ? '\nInvalid means that this machine was too busy to measure on. Close what is running and try again.\n'
      : '';
  return `${invalid}
Everything measured  ${json}
Percentiles          ${hgrm}

Next
  needletail serve demo              the demo target to try things on
  needletail http://localhost:3000   a service of yours, 50 users for 10 s
  needletail http://localhost:3000 -R 500 -d 30s --threshold 'p99 < 50ms'
  needletail --on-port 3000 -- node server.js
`;
}
