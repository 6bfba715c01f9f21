import { expect, test } from "vitest";
import type { ListSort } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { sorted } from "./sort";

const platform = new FakePlatform();
const quote = (symbol: string) => (symbol === "NEW" ? undefined : platform.quote(symbol));
const name = (symbol: string) => quote(symbol)?.name ?? "";
const SYMBOLS = ["NEW", "MSFT", "^GSPC", "AAPL", "NVDA"];
const by = (sort: ListSort, reverse = false) => sorted(SYMBOLS, sort, { quote, name }, reverse);

test("a list is in order by name, by size, or as it was made", () => {
  expect(by("manual")).toEqual(SYMBOLS);
  expect(by("symbol")).toEqual(["AAPL", "MSFT", "NEW", "NVDA", "^GSPC"]);
  expect(by("name")).toEqual(["AAPL", "MSFT", "NVDA", "^GSPC", "NEW"]);
  expect(by("change")).toEqual(["NVDA", "AAPL", "^GSPC", "MSFT", "NEW"]);
});

test("reversed, what has no value still comes last", () => {
  expect(by("manual", true)).toEqual(["NVDA", "AAPL", "^GSPC", "MSFT", "NEW"]);
  expect(by("name", true)).toEqual(["^GSPC", "NVDA", "MSFT", "AAPL", "NEW"]);
  expect(by("change", true)).toEqual(["MSFT", "^GSPC", "AAPL", "NVDA", "NEW"]);
  expect(by("cap", true).slice(-2).toSorted()).toEqual(["NEW", "^GSPC"]);
});
