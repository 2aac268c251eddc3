import { defineConfig } from 'vitest/config';
import { PlainTotals } from './scripts/plain-totals.ts';

export default defineConfig({
  ssr: { resolve: { conditions: ['@needletail/source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/src/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ['default', new PlainTotals()],
  },
});
