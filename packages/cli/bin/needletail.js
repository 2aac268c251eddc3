#!/usr/bin/env node
// Committed as it is run, so that npm links the command before anything has been built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('needletail: not built yet. Run: npm run build\n');
  process.exit(2);
}
await import(main.href);
