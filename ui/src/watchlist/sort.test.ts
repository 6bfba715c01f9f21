import { expect, test } from "vitest";
import { FakePlatform } from "../platform/fake";
import { sorted } from "./sort";

const platform = new FakePlatform();
const quote = (symbol: string) => (symbol === "NEW" ? undefined : platform.quote(symbol));
const SYMBOLS = ["NEW", "MSFT", "^GSPC", "AAPL", "NVDA"];

test("a list is in order by name, by size, or as it was made", () => {
  expect(sorted(SYMBOLS, "manual", quote)).toEqual(SYMBOLS);
  expect(sorted(SYMBOLS, "symbol", quote)).toEqual(["AAPL", "MSFT", "NEW", "NVDA", "^GSPC"]);
  expect(sorted(SYMBOLS, "change", quote)).toEqual(["NVDA", "AAPL", "^GSPC", "MSFT", "NEW"]);
});

test("reversed, what has no value still comes last", () => {
  expect(sorted(SYMBOLS, "manual", quote, true)).toEqual(["NVDA", "AAPL", "^GSPC", "MSFT", "NEW"]);
  expect(sorted(SYMBOLS, "change", quote, true)).toEqual(["MSFT", "^GSPC", "AAPL", "NVDA", "NEW"]);
  expect(sorted(SYMBOLS, "cap", quote, true).slice(-2).toSorted()).toEqual(["NEW", "^GSPC"]);
});
