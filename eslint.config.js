import svelte from "eslint-plugin-svelte";
import ts from "typescript-eslint";
import svelteConfig from "./ui/svelte.config.js";

export default ts.config(
  { ignores: ["ui/dist/", "target/", "ui/src/bindings.ts"] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      // Everything that comes from outside is text.
      "svelte/no-at-html-tags": "error",
      "no-restricted-properties": ["error", { property: "innerHTML" }, { property: "outerHTML" }],
      // A click on a toast or a reorder is fired and forgotten with `void`, on purpose.
      "@typescript-eslint/no-unused-expressions": "off",
      // Bookkeeping that nothing is drawn from is plain on purpose.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  {
    files: ["ui/src/**"],
    ignores: ["ui/src/platform/tauri.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@tauri-apps/*"] }] },
  },
);
