/** The borders inside the interface. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "svelte/compiler";
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

/** Attributes that are read or heard, of elements and of our components. */
const SAID = new Set(["aria-label", "aria-description", "title", "placeholder", "alt", "label", "short"]);
/** Names, which no language changes: the program, what it speaks, keys of the keyboard, places and files. */
const NAMES = /^(Quickstocks|MQTT|Esc|token|\/price\/NVDA)$/;

/** Words written into a component instead of a language's file. */
function literals(source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null) return;
    const { type, name, value, data } = node as { type?: string; name?: string; value?: unknown; data?: string };
    if (type === "Text" && data) found.push(data.trim());
    if (type === "StyleDirective") return;
    if (type === "Attribute" && !SAID.has(name ?? "")) return visit(Array.isArray(value) ? [] : value);
    Object.values(node).forEach(visit);
  };
  visit(parse(source, { modern: true }).fragment);
  return found.filter((text) => /\p{L}/u.test(text) && !NAMES.test(text));
}

test("words stand in the languages' files only", () => {
  const spoken = sources.filter(({ path }) => path.endsWith(".svelte")).map(({ path, text }) => [path, literals(text)]);
  expect(spoken.filter(([, found]) => found?.length)).toEqual([]);
});
