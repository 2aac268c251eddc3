import { createRequire } from 'node:module';

/** Version of this package as published; read from its manifest so that it cannot disagree. */
export function toolVersion(): string {
  const manifest = createRequire(import.meta.url)('../../package.json') as { version: string };
  return manifest.version;
}
