import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What wrk sends where it is more than GET after GET: one of the scripts in `wrk/`, and its arguments. */
export interface WrkScript {
  readonly script: 'post' | 'pipeline';
  readonly arguments: readonly string[];
}

/** Loads `url` for so many seconds; gives the answers that came, all of them complete and of a 2xx status. */
export function runWrk(
  url: string,
  connections: number,
  seconds: number,
  sent?: WrkScript,
): number {
  const threads = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s'];
  const script =
    sent === undefined
      ? [url]
      : ['-s', fileURLToPath(new URL(`wrk/${sent.script}.lua`, import.meta.url)), url];
  const rest = sent === undefined ? [] : ['--', ...sent.arguments];
  const ran = spawnSync('wrk', [...threads, ...script, ...rest], { encoding: 'utf8' });
  const done = /(\d+) requests in/.exec(ran.stdout);
  if (done === null || /Socket errors|Non-2xx/.test(ran.stdout)) {
    throw new Error(`wrk did not get its answers:\n${ran.stdout}\n${ran.stderr}`);
  }
  return Number(done[1]);
}
