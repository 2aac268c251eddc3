import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { PlainTotals } from './scripts/plain-totals.ts';

export default defineConfig({
  ssr: { resolve: { conditions: ['@needletail/source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/src/**/*.test.ts'],
    pool: 'forks',
    // One fewer than there are processors is what the runner takes by itself: on two, a single one. Most tests wait.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ['default', new PlainTotals()],
  },
});
