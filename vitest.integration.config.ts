import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/integration/**/*.integration.test.ts'],
    globalSetup: ['test/support/global-stack.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The chain client's library prints every outage that tests make.
    silent: 'passed-only',
  },
});
