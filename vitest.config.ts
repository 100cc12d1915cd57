import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/integration/**', 'test/bench/**'],
    // Else one core is left to the process that waits for the others.
    maxWorkers: '100%',
    testTimeout: 30_000,
  },
});
