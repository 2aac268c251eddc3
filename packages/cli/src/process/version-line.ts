import { readFileSync } from 'node:fs';
import { runtimeName } from './runtime-name.ts';

/** `needletail 0.1.0 (node 20.20.2)`; read from the manifest of this package so that it cannot disagree. */
export function versionLine(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return `needletail ${(JSON.parse(manifest) as { version: string }).version} (${runtimeName()})`;
}
