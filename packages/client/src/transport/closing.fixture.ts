import { afterEach } from 'vitest';

interface Closable {
  close(): Promise<unknown>;
}

const opened: Closable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

/** `one`, which is closed when the test is over: the last opened first. */
export function closing<T extends Closable>(one: T): T {
  opened.push(one);
  return one;
}
