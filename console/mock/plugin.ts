/** placeholder replaced below */
import type { Plugin } from "vite";
export function mockPlugin(): Plugin { return { name: "mock" }; }
