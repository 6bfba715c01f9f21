import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakePlatform } from "./platform/fake";
import { spark, sparkPath, Sparks } from "./sparks.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const asked = (platform: FakePlatform) => platform.calls.filter((call) => call.startsWith("sparks "));

test("rows that come into view together are one question", async () => {
  const platform = new FakePlatform();
  const sparks = new Sparks(platform);
  for (const symbol of ["AAPL", "MSFT", "NVDA", "AAPL"]) sparks.show(symbol);
  await vi.advanceTimersByTimeAsync(20);
  expect(asked(platform)).toEqual(["sparks AAPL MSFT NVDA"]);
  expect(sparks.get("AAPL")?.points.length).toBeGreaterThan(10);
  sparks.want("AAPL");
  await vi.advanceTimersByTimeAsync(20);
  expect(asked(platform)).toHaveLength(1);
});

test("what is in view goes on, what is not does not", async () => {
  const platform = new FakePlatform();
  const sparks = new Sparks(platform);
  for (const symbol of ["AAPL", "MSFT"]) sparks.show(symbol);
  sparks.want("NVDA");
  await vi.advanceTimersByTimeAsync(20);
  sparks.hide("MSFT");
  sparks.refresh();
  await vi.advanceTimersByTimeAsync(60_000);
  sparks.refresh();
  await vi.advanceTimersByTimeAsync(20);
  expect(asked(platform)).toEqual(["sparks AAPL MSFT NVDA", "sparks AAPL"]);
});

test("many rows are several questions, one after the other", async () => {
  const platform = new FakePlatform();
  const sparks = new Sparks(platform);
  for (let i = 0; i < 450; i += 1) sparks.show(`S${i}`);
  await vi.advanceTimersByTimeAsync(100);
  expect(asked(platform).map((call) => call.split(" ").length - 1)).toEqual([200, 200, 50]);
});

test("without an answer the lines stay, and other prices begin other lines", async () => {
  const platform = new FakePlatform();
  const sparks = new Sparks(platform);
  sparks.show("AAPL");
  await vi.advanceTimersByTimeAsync(20);
  platform.sparks = () => Promise.reject(new Error("no"));
  await vi.advanceTimersByTimeAsync(60_000);
  sparks.refresh();
  await vi.advanceTimersByTimeAsync(20);
  expect(sparks.get("AAPL")).toBeDefined();
  sparks.forget();
  expect(sparks.get("AAPL")).toBeUndefined();
  platform.sparks = async (symbols) => Promise.all(symbols.map((symbol) => platform.history(symbol, "1d")));
  await vi.advanceTimersByTimeAsync(60_020);
  sparks.refresh();
  await vi.advanceTimersByTimeAsync(20);
  expect(sparks.get("AAPL")).toBeDefined();
});

test("a line is drawn in its box, over the regular session", async () => {
  const line = spark(await new FakePlatform().history("MSFT", "1d"));
  expect(line.points).toHaveLength(78);
  expect(sparkPath({ points: [1, 2, 3], previousClose: 2 })).toEqual({ path: "M0 22L30 12L60 2", close: 12 });
  expect(sparkPath({ points: [1], previousClose: undefined })).toEqual({ path: "", close: undefined });
});
