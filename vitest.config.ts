import { defineConfig } from "vitest/config";

/** Tests that start real Ray. A cluster takes a whole machine for moments: one after the other, never two at once. */
const withRay = [
  "e2e/**/*.test.ts",
  "agent/ray/ray-node.test.ts",
  "control-plane/delivery/gateway/stock-ray.test.ts",
];

// Two groups: unit and store tests side by side; then what starts real Ray. `npm test` runs both at once (tools/test.ts).
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    setupFiles: ["tools/fuzz-seed.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/target/**", ...withRay],
          sequence: { groupOrder: 0 },
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: withRay,
          exclude: ["**/node_modules/**"],
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
