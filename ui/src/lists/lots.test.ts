import { expect, test } from "vitest";
import { NO_LOT, fieldsOf, lotsOf } from "./lots";

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
  const lots = [{ quantity: 0.00012, cost: 97508.97, currency: "USD", date: "2024-03-15" }, { quantity: 100 }];
  expect(lotsOf(lots.map(fieldsOf))).toEqual(lots);
});
