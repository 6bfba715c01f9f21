import { describe, expect, test } from "vitest";
import type { ProviderHealth, Quote } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { feedState, type FeedInput } from "./state";

const now = new Date("2026-11-24T19:42:20Z");
const quote = (change: Partial<Quote> = {}): Quote => ({ ...new FakePlatform().quote("AAPL"), ...change });
const health = (change: Partial<ProviderHealth> = {}): ProviderHealth => ({
  name: "yahoo",
  state: "up",
  since: "2026-11-24T19:02:00Z",
  ...change,
});
const state = (input: Partial<FeedInput>) =>
  feedState({ quotes: [], providers: [], lost: null, ready: true, chosenSimulated: false, now, ...input });

describe("the feed says", () => {
  test("connecting before the first price", () => expect(state({}).kind).toBe("connecting"));

  test("live, with the delay", () => {
    expect(state({ quotes: [quote()], providers: [health()] })).toMatchObject({
      kind: "live",
      detail: "Yahoo Finance · real time",
    });
    const late = quote({ state: "delayed", delay_minutes: 15 });
    expect(state({ quotes: [late], providers: [health()] }).detail).toBe("Yahoo Finance · delayed 15 min");
  });

  test("closed when every market is", () => {
    expect(state({ quotes: [quote({ session: "closed", state: "closed" })], providers: [health()] }).kind).toBe(
      "closed",
    );
  });

  test("stale, since when, why, and when it tries again", () => {
    const down = health({
      state: "down",
      reason: "Yahoo Finance does not answer (timed out)",
      next_try: "2026-11-24T19:42:32Z",
    });
    const told = state({ quotes: [quote({ state: "stale" })], providers: [down] });
    expect(told.kind).toBe("stale");
    expect(told.title).toMatch(/^Stale since \d\d:\d\d$/);
    expect(told.detail).toBe("retrying in 12 s");
    expect(told.banner).toMatchObject({ retry: true });
    expect(told.banner?.text).toContain("timed out");
  });

  test("refused, in plain words", () => {
    const down = health({
      state: "down",
      reason: "Yahoo Finance refuses this network (403)",
      next_try: "2026-11-24T19:43:20Z",
    });
    expect(state({ quotes: [quote({ state: "stale" })], providers: [down] }).banner?.title).toBe(
      "This network blocks Yahoo Finance.",
    );
  });

  test("slow when it was asked to slow down", () => {
    const slow = health({ state: "degraded", reason: "Yahoo Finance asked us to slow down" });
    expect(state({ quotes: [quote()], providers: [slow] }).kind).toBe("slow");
  });

  test("SIMULATED above all, chosen or standing in", () => {
    const made = quote({ source: "simulated" });
    const down = health({ state: "down", next_try: "2026-11-24T19:42:32Z" });
    expect(state({ quotes: [made], providers: [down] }).banner?.text).toContain("no provider has answered yet");
    expect(state({ quotes: [made], chosenSimulated: true }).banner?.text).toContain("was chosen");
  });

  test("offline when the server is gone", () => expect(state({ quotes: [quote()], lost: 4 }).kind).toBe("offline"));
});
