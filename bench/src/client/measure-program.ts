// Run by client-cpu.ts, once per measurement: one client, warmed up, then measured for so many seconds of its own
// processor time. Prints one line of JSON.
import { setTimeout as pause } from 'node:timers/promises';
import { contenders } from './contenders.ts';

const [name = '', url = '', connections = '', seconds = ''] = process.argv.slice(2);
const start = contenders.get(name);
if (start === undefined) throw new Error(`There is no client called ${name}.`);

const WARM_UP_MS = 1000;

const traffic = await start(url, Number(connections));
await pause(WARM_UP_MS);
const before = { cpu: process.cpuUsage(), answered: traffic.answered };
await pause(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(before.cpu);
const requests = traffic.answered - before.answered;
process.stdout.write(
  JSON.stringify({ cpuMicros: user + system, requests, bodyBytes: traffic.bodyBytes }),
);
process.exit(0);
