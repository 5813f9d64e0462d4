import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/guards/fixtures/**"],
    globalSetup: ["test/servers/run-folder.ts"],
    pool: "forks",
    maxWorkers: 2,
    fileParallelism: true,
    // Generous: most files start servers and processes, two files at a time, on machines of any speed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
