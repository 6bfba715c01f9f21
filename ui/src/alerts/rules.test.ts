import { expect, test } from "vitest";
import { FakePlatform } from "../platform/fake";
import { chipState, distance, isTrueNow, preview, typed } from "./rules";

const apple = new FakePlatform().quote("AAPL");
const above = (value: number) => ({ kind: "above" as const, value });

test.each([
  ["250", 250],
  ["250.5", 250.5],
  ["250,5", 250.5],
  ["1,234.56", 1234.56],
  ["1.234,56", 1234.56],
  ["1 234.5 USD", 1234.5],
  ["", null],
  ["0", null],
  ["abc", null],
])("“%s” is read as %s", (text, value) => expect(typed(text)).toBe(value));

test("the distance is told both ways", () => {
  expect(distance(above(250), apple)).toBe("5.40 away (+2.21\u202f%)");
  expect(distance({ kind: "day_move", value: 3 }, apple)).toBe("now +1.27\u202f%");
});

test("a condition that is true already says when it will fire", () => {
  expect(isTrueNow(above(240), apple)).toBe(true);
  expect(preview(above(240), apple)).toBe("True now. It fires when the price has been below 240.00 once.");
  expect(preview({ kind: "below", value: 250 }, apple)).toContain("has been above 250.00 once");
  expect(preview(above(250), apple)).toBe("5.40 above the price (+2.21\u202f%).");
});

test("an alert is armed only while it can fire", () => {
  const alert = { id: "1", symbol: "AAPL", condition: above(250), repeat: false, extended_hours: false, enabled: true };
  const now = new Date("2026-11-24T12:00:00Z");
  const later = new Date("2026-11-24T13:00:00Z");
  expect(chipState(alert, apple, false, null, now)).toBe("armed");
  expect(chipState(alert, { ...apple, state: "stale" }, false, null, now)).toBe("paused");
  expect(chipState(alert, apple, false, later, now)).toBe("paused");
  expect(chipState(alert, apple, true, null, now)).toBe("off");
  expect(chipState({ ...alert, enabled: false }, apple, false, null, now)).toBe("fired");
});
