import { defineConfig } from "vitest/config";

// Unit and store tests run side by side; e2e/ has whole networks and runs one file at a time (tools/test.ts).
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/target/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
