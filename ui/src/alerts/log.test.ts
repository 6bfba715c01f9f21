import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AlertFired, LogEntry } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { Toasts } from "../toasts.svelte";
import { ordered, toGo } from "./all";
import { byDay, idOf, wayOf } from "./days";
import { AlertLog } from "./log.svelte";
import { Teller } from "./teller";

const fake = new FakePlatform("alerts");
const [first] = fake.alertsLog.entries as [LogEntry];
const fired = "alert" in first.event ? first.event.alert : undefined;
const entryAt = (fired_at: string): LogEntry => ({
  event: { alert: { ...(fired as AlertFired), id: fired_at, fired_at } },
  read: true,
});

test("the log is told by the user's own days", () => {
  const now = new Date("2026-11-24T23:30:00Z");
  const times = ["2026-11-24T23:00:00Z", "2026-11-24T22:00:00Z", "2026-11-23T22:59:00Z", "2025-12-30T12:00:00Z"];
  const titles = (zone: string) => byDay(times.map(entryAt), zone, now).map(({ title }) => title);
  expect(titles("UTC")).toEqual(["Today, Tue 24 Nov", "Yesterday, Mon 23 Nov", "30 Dec 2025"]);
  expect(titles("Europe/Berlin")).toEqual(["Today, Wed 25 Nov", "Yesterday, Tue 24 Nov", "Mon 23 Nov", "30 Dec 2025"]);
});

test("a clock that was set back does not tear a day apart", () => {
  const times = ["2026-11-24T10:00:00Z", "2026-11-25T09:00:00Z", "2026-11-24T09:00:00Z"];
  const days = byDay(times.map(entryAt), "UTC", new Date("2026-11-25T10:00:00Z"));
  expect(days.map(({ entries }) => entries.map(idOf))).toEqual([[times[0], times[2]], [times[1]]]);
});

test("which way it fired is that of the move it names", () => {
  expect(fired && wayOf(fired)).toBe("down");
  expect(fired && wayOf({ ...fired, condition: { kind: "year_high" } })).toBe("up");
  expect(fired && wayOf({ ...fired, condition: { kind: "volume_spike", value: 2 } })).toBe("flat");
});

test("the nearest alert stands first, what is off last", () => {
  const quoteOf = (symbol: string) => fake.quote(symbol);
  const ids = (order: "distance" | "symbol") => ordered(fake.alertList, order, quoteOf).map(({ id }) => id);
  // The euro is 0.06 % away, Microsoft's move 1.99 points; nobody knows how far a volume or a fast move is.
  expect(ids("distance")).toEqual(["9", "7", "1", "5", "2", "8", "4", "6", "3"]);
  expect(ids("symbol").slice(0, 5)).toEqual(["1", "3", "4", "5", "2"]);
  expect(toGo({ kind: "day_move", value: 3 }, { ...fake.quote("AAPL"), change_percent: -4 })).toBe(0);
});

test("how many are unread follows what is said, and reading", async () => {
  const platform = new FakePlatform("alerts");
  const log = new AlertLog(platform);
  log.hear(platform.alertsLog.summary());
  expect(log.unread).toBe(2);
  await vi.waitFor(() => expect(log.entries).toHaveLength(7));
  expect(log.firedAt("4")).toBe("2026-11-24T19:24:00Z");
  await log.readAll();
  expect(log.unread).toBe(0);
  await log.clear();
  expect([log.entries, log.firedAt("4")]).toEqual([[], "2026-11-24T19:24:00Z"]);
});

test("an answer that comes late does not hide what fired since", async () => {
  const platform = new FakePlatform("alerts");
  const log = new AlertLog(platform);
  const answers: ((entries: LogEntry[]) => void)[] = [];
  platform.alertLog = () => new Promise((answer) => answers.push(answer));
  const [slow, quick] = [log.load(), log.load()];
  answers[1]?.([first, entryAt("2026-11-20T00:00:00Z")]);
  await quick;
  answers[0]?.([]);
  await slow;
  expect(log.entries).toHaveLength(2);
});

test("what could not be forgotten is still there", async () => {
  const platform = new FakePlatform("alerts");
  const log = new AlertLog(platform);
  await log.load();
  platform.clearAlertLog = () => Promise.reject(new Error("the disk is full"));
  await expect(log.clear()).rejects.toThrow("the disk is full");
  expect(log.entries).toHaveLength(7);
});

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "setTimeout"] }));
afterEach(() => void vi.useRealTimers());

test("of a burst the first two are told one by one, the rest together", () => {
  const toasts = new Toasts();
  const [open, openLog] = [vi.fn(), vi.fn()];
  const teller = new Teller(toasts, open, openLog);
  const texts = () => toasts.list.map(({ text }) => text);
  for (const symbol of ["A", "B", "C", "D", "C"]) if (fired) teller.tell({ ...fired, symbol });
  expect(texts()).toEqual([
    "A ±1.5\u202f% in 15 min · 243.10 USD",
    "B ±1.5\u202f% in 15 min · 243.10 USD",
    "3 more alerts · C, D",
  ]);
  expect(toasts.list.every(({ urgent }) => urgent)).toBe(true);
  toasts.list[0]?.action?.run();
  toasts.list[2]?.action?.run();
  expect(open).toHaveBeenCalledWith("A");
  expect(openLog).toHaveBeenCalled();
  vi.advanceTimersByTime(5000);
  if (fired) teller.tell({ ...fired, symbol: "E" });
  expect(texts().at(-1)).toMatch(/^E /);
});
