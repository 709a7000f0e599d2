import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Scenarios take minutes, mostly of waiting: begun first, they end while the others run beside them. */
class ScenariosFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => moduleId.includes('/test/scenarios/');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

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
    sequence: { hooks: 'list', sequencer: ScenariosFirst },
  },
});
