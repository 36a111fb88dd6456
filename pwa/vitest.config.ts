import { defineConfig } from 'vitest/config';

/** Tests run in Node; what needs a real browser lives in the project's `tests/browser`. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/**/*.test.{ts,tsx}'],
    testTimeout: 60_000, // random histories against the official package, on a busy machine
  },
});
