import { createRequire } from 'node:module';

/** Of this package as published; read from its manifest so that it cannot disagree. */
export function clientVersion(): string {
  const manifest = createRequire(import.meta.url)('../../package.json') as { version: string };
  return manifest.version;
}
