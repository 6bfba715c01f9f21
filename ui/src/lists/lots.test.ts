import { afterEach, expect, test } from "vitest";
import { speak } from "../i18n.svelte";
import { NO_LOT, fieldsOf, lotsOf, readRow } from "./lots";

afterEach(() => speak("en"));

test("what is typed is read with either decimal sign, and empty rows are none", () => {
  const rows = [
    { ...NO_LOT, quantity: "12,5", cost: "243.85", currency: "usd", date: "2025-01-02" },
    NO_LOT,
    { ...NO_LOT, quantity: "3" },
  ];
  expect(lotsOf(rows)).toEqual([
    { quantity: 12.5, cost: 243.85, currency: "USD", date: "2025-01-02" },
    { quantity: 3 },
  ]);
});

test.each([
  ["en", "1,000", 1000],
  ["en", "1.000", 1],
  ["de", "1.000", 1000],
  ["de", "1,000", 1],
  ["de", "1.234,5", 1234.5],
])(
  "in %s “%s” is %s pieces, and the row says so where another could read it otherwise",
  async (tag, text, quantity) => {
    await speak(tag);
    const row = { ...NO_LOT, quantity: text, cost: "0" };
    expect(lotsOf([row])).toEqual([{ quantity, cost: 0 }]);
    const own = text.includes(tag === "en" ? "," : ".");
    expect(readRow(row) !== "").toBe(own);
  },
);

test("what makes no sense is not read", () => {
  for (const row of [
    { quantity: "0" },
    { quantity: "-1" },
    { quantity: "1e3" },
    { quantity: "1", cost: "x" },
    { cost: "2" },
    { quantity: "1", currency: "EURO" },
  ]) {
    expect(lotsOf([{ ...NO_LOT, ...row }])).toBeNull();
  }
});

test("a lot comes back from its fields", () => {
  const lots = [
    { quantity: 0.00012, cost: 97508.97, currency: "USD", date: "2024-03-15" },
    { quantity: 100 },
    { quantity: 1e-7, cost: 0 },
  ];
  expect(lotsOf(lots.map(fieldsOf))).toEqual(lots);
});
