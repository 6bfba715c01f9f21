import { expect, test } from "vitest";
import type { Alert, Preferences } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { chipState, distance, isQuiet, ruled, stateText } from "./rules";

const apple = new FakePlatform().quote("AAPL");
const alert: Alert = {
  id: "1",
  symbol: "AAPL",
  condition: { kind: "above", value: 250 },
  repeat: false,
  extended_hours: false,
  enabled: true,
};
const now = new Date("2026-11-24T12:00:00Z");
const ground = (preferences: Preferences = {}, standIn = false) => ({ standIn, preferences, now });
/** What stands on the chip. */
const chip = (one: Alert, preferences?: Preferences, firedAt?: string) => {
  const state = chipState(one, apple, ground(preferences), firedAt);
  return [state, stateText(state, one, apple, ground(preferences), firedAt)];
};

test("the distance is told both ways", () => {
  expect(distance(alert.condition, apple)).toBe("5.40 away (+2.21\u202f%)");
  expect(distance({ kind: "day_move", value: 3 }, apple)).toBe("now +1.27\u202f%");
  expect(distance({ kind: "year_high" }, apple)).toMatch(/^17\.12 away \(\+7\.00/);
  expect(distance({ kind: "volume_spike", value: 2 }, apple)).toBe("now 0.79 × the usual");
  expect(distance({ kind: "volume_spike", value: 2 }, { ...apple, average_volume: null })).toBe("usual volume unknown");
  expect(distance({ kind: "year_low" }, { ...apple, year_low: null })).toBe("52 weeks unknown");
});

test("an alert for extended hours is as far as their newest print", () => {
  const late = { ...apple, extended_price: 249, extended_at: apple.quoted_at };
  expect(distance(alert.condition, ruled(late, true))).toMatch(/^1\.00 away/);
  expect(distance(alert.condition, ruled(late, false))).toMatch(/^5\.40 away/);
  expect(ruled({ ...late, previous_close: 200 }, true).change_percent).toBeCloseTo(24.5);
});

test("an alert is armed only while it can fire", () => {
  expect(chipState(alert, apple, ground())).toBe("armed");
  expect(chipState(alert, { ...apple, state: "stale" }, ground())).toBe("stale");
  expect(chipState(alert, apple, ground({}, true))).toBe("off");
  expect(chip({ ...alert, enabled: false })).toEqual(["disarmed", "off"]);
  expect(chip({ ...alert, enabled: false }, { time_zone: "UTC" }, "2026-11-24T10:31:00Z")).toEqual([
    "fired",
    "fired 10:31",
  ]);
});

test("what is not told says so, and until when", () => {
  const zone = { time_zone: "UTC" };
  expect(chip(alert, { ...zone, alerts_paused_until: "2026-11-24T13:00:00Z" })).toEqual([
    "paused",
    "paused until 13:00",
  ]);
  expect(chip(alert, { alerts_paused_until: "2026-11-24T11:00:00Z" })[0]).toBe("armed");
  expect(chip(alert, { muted: [{ symbol: "AAPL" }] })).toEqual(["muted", "muted"]);
  expect(chip(alert, { muted: [{ symbol: "AAPL", until: "2026-11-25T00:00:00Z" }] })[1]).toBe("muted today");
  expect(chip(alert, { muted: [{ symbol: "AAPL", until: "2026-11-24T00:00:00Z" }, { symbol: "MSFT" }] })[0]).toBe(
    "armed",
  );
  expect(chip(alert, { ...zone, quiet_hours: { from: "11:30", to: "13:00" } })).toEqual(["quiet", "quiet until 13:00"]);
});

test("after it fired a repeated alert waits, unless it was drawn anew", () => {
  const repeated = { ...alert, repeat: true, cooldown_minutes: 30 };
  expect(chip(repeated, {}, "2026-11-24T11:42:00Z")).toEqual(["waiting", "again in 12 min"]);
  expect(chip(repeated, {}, "2026-11-24T11:30:00Z")[0]).toBe("armed");
  expect(chip({ ...repeated, drawn_at: "2026-11-24T11:50:00Z" }, {}, "2026-11-24T11:42:00Z")[0]).toBe("armed");
  expect(chip({ ...repeated, cooldown_minutes: null }, {}, "2026-11-24T11:59:00Z")[0]).toBe("armed");
});

test.each([
  ["22:00", "07:00", "21:59", false],
  ["22:00", "07:00", "22:00", true],
  ["22:00", "07:00", "06:59", true],
  ["22:00", "07:00", "07:00", false],
  ["09:00", "17:00", "12:00", true],
  ["09:00", "17:00", "17:00", false],
])("hours from %s to %s are quiet at %s: %s", (from, to, at, quiet) => {
  const preferences = { quiet_hours: { from, to }, time_zone: "Asia/Tokyo" };
  expect(isQuiet(preferences, new Date(`2026-11-24T${at}:00+09:00`))).toBe(quiet);
});
