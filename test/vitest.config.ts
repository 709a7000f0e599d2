import { defineConfig } from 'vitest/config';

// The top level holds no tool configuration, so `npm test` names this file.
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // No test decides anything by wall time; this only ends one that hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    sequence: { hooks: 'list' },
  },
});
