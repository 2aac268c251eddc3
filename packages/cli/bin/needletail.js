#!/usr/bin/env node
// Committed as it is run, so that npm links the command before anything has been built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/bundle/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('needletail: not built yet. Run: npm run build\n');
  process.exit(2);
}
// Stacks then name our sources in place of what was joined of them.
if (process.env['NEEDLETAIL_DEBUG'] === '1') process.setSourceMapsEnabled?.(true);
await import(main.href);
