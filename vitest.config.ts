import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The matrix takes minutes and compares whole histories: `npm run crash` runs all of it.
    exclude: ["**/node_modules/**", "test/guards/fixtures/**", "test/crash/matrix.test.ts"],
    globalSetup: ["test/servers/run-folder.ts"],
    pool: "forks",
    maxWorkers: 2,
    fileParallelism: true,
    // Generous: most files start servers and processes, two files at a time, on machines of any speed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
