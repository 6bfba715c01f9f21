import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Instrument } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { Search, highlight } from "./search.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const made = (platform = new FakePlatform()) => ({
  platform,
  search: new Search(platform, (symbol) => symbol === "APPN"),
});

test("asks once for what was typed last, after a pause", async () => {
  const { platform, search } = made();
  for (const text of ["a", "ap", "app"]) search.type(text);
  expect(search.busy).toBe(true);
  await vi.advanceTimersByTimeAsync(150);
  expect(platform.calls).toEqual(["search app"]);
  expect(search.busy).toBe(false);
});

test("what is followed comes first", async () => {
  const { search } = made();
  search.type("app");
  await vi.advanceTimersByTimeAsync(150);
  expect(search.results[0]?.symbol).toBe("APPN");
});

test("an answer that comes too late is dropped", async () => {
  const { platform, search } = made();
  const answers: ((found: Instrument[]) => void)[] = [];
  platform.search = () => new Promise((resolve) => answers.push(resolve));
  search.type("tesla");
  await vi.advanceTimersByTimeAsync(150);
  search.type("apple");
  await vi.advanceTimersByTimeAsync(150);
  answers[1]?.([{ symbol: "AAPL", name: "Apple", exchange: "NASDAQ", kind: "equity" }]);
  answers[0]?.([{ symbol: "TSLA", name: "Tesla", exchange: "NASDAQ", kind: "equity" }]);
  await vi.advanceTimersByTimeAsync(0);
  expect(search.results.map((one) => one.symbol)).toEqual(["AAPL"]);
});

test("a failure is told and the arrows go round", async () => {
  const { platform, search } = made();
  search.type("app");
  await vi.advanceTimersByTimeAsync(150);
  search.move(-1);
  expect(search.active).toBe(search.results.length - 1);
  search.move(1);
  expect(search.active).toBe(0);
  platform.search = () => Promise.reject(new Error("Yahoo Finance does not answer"));
  search.type("x");
  await vi.advanceTimersByTimeAsync(150);
  expect(search.failed).toBe("Yahoo Finance does not answer");
});

test("the match is cut out as text", () => {
  expect(highlight("AppLovin", "app")).toEqual(["", "App", "Lovin"]);
  expect(highlight("<img>", "x")).toEqual(["<img>", "", ""]);
});
