import { expect, test } from "vitest";
import { found } from "./match";

const NAMES = [
  "Theme: Dark",
  "Theme: Light",
  "List: Main",
  "Sort by: Market cap",
  "Größe: Kompakt",
  "Open: AAPL · Apple",
];
const names = (typed: string, most = 10) => found(NAMES, (name) => name, typed, most);

test("every word is found, in whatever order, with or without accents and capitals", () => {
  expect(names("dark theme")).toEqual(["Theme: Dark"]);
  expect(names("KOMPAKT grosse")).toEqual([]);
  expect(names("kompakt grö")).toEqual(["Größe: Kompakt"]);
  expect(names("gro")[0]).toBe("Größe: Kompakt");
});

test("the start of a name comes before that of a word, and that before the rest", () => {
  expect(found(["a mark", "market", "benchmark"], (name) => name, "mark", 10)).toEqual([
    "market",
    "a mark",
    "benchmark",
  ]);
});

test("letters in order are enough for a word of three, and no more than are asked for come", () => {
  expect(names("mktcap")).toEqual(["Sort by: Market cap"]);
  expect(names("zz")).toEqual([]);
  expect(names("", 2)).toEqual(NAMES.slice(0, 2));
  expect(names("theme", 1)).toEqual(["Theme: Dark"]);
});
