/** The borders inside the interface. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = import.meta.dirname;
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(ts|svelte)$/.test(path) && !path.endsWith(".test.ts"))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const holding = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

test("only the platform of the window knows Tauri", () => {
  expect(holding(/from "@tauri-[a]pps/).filter((path) => path !== "bindings.ts")).toEqual(["platform/tauri.ts"]);
});

test("numbers become text in one place", () => {
  const elsewhere = holding(/Intl\.NumberFormat|toLocaleString|toPrecision/).filter((path) => path !== "format.ts");
  expect(elsewhere).toEqual([]);
});

test("nothing from outside is ever markup", () => {
  expect(holding(/\{@html|innerHTML|outerHTML|insertAdjacentHTML/)).toEqual([]);
});

test("a component fits in the head", () => {
  const long = sources.filter(({ path, text }) => path.endsWith(".svelte") && text.split("\n").length > 330);
  expect(long.map(({ path }) => path)).toEqual([]);
});
