/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig, type PluginOption } from "vite";

/** The host stays as the browser sent it: the server compares it with the origin. */
const SERVER = { "/api": { target: process.env.SIYU_URL ?? "http://127.0.0.1:8080", changeOrigin: false } };

/** The mock API answers only under `--mode mock`; a build never contains it. */
async function mockApi(): Promise<PluginOption> {
  const { mockPlugin } = await import("./mock/plugin.ts");
  return mockPlugin();
}

export default defineConfig(async ({ mode }) => ({
  plugins: [react(), mode === "mock" ? await mockApi() : null],
  build: { target: "es2022", chunkSizeWarningLimit: 900, assetsInlineLimit: 2048 },
  server: { proxy: mode === "mock" ? undefined : SERVER },
  preview: { proxy: mode === "mock" ? undefined : SERVER },
  test: { include: ["src/**/*.test.ts", "mock/**/*.test.ts"] },
}));
