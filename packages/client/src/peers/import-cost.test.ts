import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** What a program gets that has installed the package. */
const INSTALLED = '@needletail/client';
const DIST = new URL('../../dist/bundle/index.js', import.meta.url);
/** Of what Node takes to start, which from version 24 on is half: machines differ, and so do their hours. */
const MOST_OF_BARE = Number.parseInt(process.versions.node, 10) >= 24 ? 3 : 1.2;
const TRIES = 15;

/** Milliseconds of processor time that a fresh Node takes for `code`, at best. */
function cpuMs(code: string): number {
  const report = `process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    process.stdout.write(String((user + system) / 1000));
  });`;
  const once = (): number =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', `${code};${report}`]));
  return Math.min(...Array.from({ length: TRIES }, once));
}

/** Modules that are there after the import, by a loader hook that sees what is resolved, and builtins. */
function loadedBy(url: string): string[] {
  const code = `
    import { register } from 'node:module';
    import { MessageChannel } from 'node:worker_threads';
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    port1.on('message', (url) => seen.push(url)).unref();
    const hook = \`let port; export const initialize = (data) => { port = data.port; };
      export const resolve = async (name, context, next) => {
        const found = await next(name, context); port.postMessage(found.url); return found; };\`;
    register('data:text/javascript,' + encodeURIComponent(hook), { data: { port: port2 }, transferList: [port2] });
    await import(${JSON.stringify(url)});
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.stdout.write(JSON.stringify([...seen, ...process.moduleLoadList]), () => process.exit());`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code]);
  return JSON.parse(output.toString()) as string[];
}

const isBuilt = existsSync(DIST);
// Said aloud: a check that nobody misses is none.
if (!isBuilt) process.stderr.write('skipped: what an import costs, for nothing is built here\n');

describe.skipIf(!isBuilt)('import of the client', () => {
  it('takes little processor time', () => {
    const bare = cpuMs('0');
    const own = cpuMs(`await import('${INSTALLED}')`) - bare;
    expect(own / bare).toBeLessThan(MOST_OF_BARE);
  });

  it('loads nothing that only some programs need', () => {
    const loaded = loadedBy(INSTALLED);
    expect(loaded).toContain(DIST.href);
    const heavy = /tough-cookie|fzstd|eventsource-parser|node:http2|NativeModule http2/;
    expect(loaded.filter((name) => heavy.test(name))).toEqual([]);
  });
});
