import { defineConfig } from "vitest/config";

/** Runs against a server that is already up: BASE_URL, SIYU_EMAIL, SIYU_PASSWORD. */
export default defineConfig({
  test: {
    // Vitest itself overwrites BASE_URL in its workers.
    env: { SIYU_URL: process.env.BASE_URL ?? "http://127.0.0.1:4173" },
    include: ["e2e/**/*.spec.ts"], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false,
  },
});
