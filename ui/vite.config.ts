/// <reference types="vitest/config" />
import { resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  plugins: [svelte()],
  clearScreen: false,
  // Beside the packages, where it is ignored: the root of the page has no node_modules of its own.
  cacheDir: resolve(import.meta.dirname, "../node_modules/.vite"),
  // The texts are beside this folder.
  server: { port: 1420, strictPort: true, host: "127.0.0.1", fs: { allow: [resolve(import.meta.dirname, "..")] } },
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
  // Components are tested as the browser runs them.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
    setupFiles: ["src/test-setup.ts"],
    restoreMocks: true,
  },
}));
