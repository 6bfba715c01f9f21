import { expect, test } from "vitest";
import type { ProviderHealth } from "../bindings";
import { inOrder, standingText } from "./providers";

const now = new Date("2026-11-24T19:42:20Z");
const health = (name: string, change: Partial<ProviderHealth> = {}): ProviderHealth => ({
  name,
  state: "up",
  since: "2026-11-24T19:02:00Z",
  ...change,
});

test("providers stand in the order in which they are asked, whenever they were heard of", () => {
  const heard = ["ecb", "simulated", "yahoo", "finnhub", "coinbase"].map((name) => health(name));
  const names = (configured: string) => inOrder(heard, configured).map(({ name }) => name);
  expect(names("auto")).toEqual(["coinbase", "yahoo", "finnhub", "ecb"]);
  expect(names("ecb,yahoo").slice(0, 2)).toEqual(["ecb", "yahoo"]);
  expect(inOrder([health("simulated")], "simulated")).toHaveLength(1);
});

test("a standing says why and when it is tried again, without the name it stands beside", () => {
  const reason = "Yahoo Finance does not answer (timed out)";
  const down = health("yahoo", { state: "down", reason, next_try: "2026-11-24T19:42:32Z" });
  expect(standingText(down, now)).toBe("does not answer (timed out) · next try in 12 s");
  expect(standingText(health("ecb", { state: "off" }), now)).toBe("not needed now");
  const keyless = health("finnhub", { state: "off", reason: "Finnhub needs a key, and none is set" });
  expect(standingText(keyless, now)).toBe("needs a key, and none is set");
  expect(standingText(health("yahoo"), now)).toMatch(/^since \d\d:\d\d$/);
});
