import { expect, test, vi } from "vitest";
import { FakePlatform } from "./platform/fake";
import { QuoteBoard } from "./quotes.svelte";

const [apple, microsoft] = ["AAPL", "MSFT"].map((symbol) => new FakePlatform().quote(symbol));
if (!apple || !microsoft) throw new Error("the fake market has both");

test("a snapshot replaces everything that was there", () => {
  const board = new QuoteBoard();
  board.apply({
    snapshot: [
      { ...apple, source: "simulated" },
      { ...microsoft, source: "simulated" },
    ],
  });
  board.apply({ snapshot: [apple] });
  expect([...board.rows.keys()]).toEqual(["AAPL"]);
  expect(board.get("AAPL")?.source).toBe("yahoo");
});

test("a batch touches only the rows it names", () => {
  const board = new QuoteBoard();
  board.apply({ snapshot: [apple, microsoft] });
  const untouched = board.rows.get("MSFT");
  board.apply({ batch: [{ ...apple, price: 250 }] });
  expect(board.get("AAPL")?.price).toBe(250);
  expect(board.rows.get("MSFT")).toBe(untouched);
  board.apply({ gone: ["MSFT"] });
  expect(board.get("MSFT")).toBeUndefined();
});

test("a row flashes its direction, at most once a second, and calms down", () => {
  vi.useFakeTimers();
  const board = new QuoteBoard();
  board.apply({ snapshot: [apple] }, 0);
  const row = board.rows.get("AAPL");
  board.apply({ batch: [{ ...apple, price: apple.price + 1 }] }, 1000);
  expect(row?.flash).toBe("up");
  board.apply({ batch: [{ ...apple, price: apple.price }] }, 1500);
  expect(row?.flash).toBe("up");
  vi.advanceTimersByTime(700);
  expect(row?.flash).toBe("flat");
  vi.useRealTimers();
});

test("what is fetched on the side is never older than what is here", () => {
  const board = new QuoteBoard();
  board.apply({ snapshot: [{ ...apple, price: 250, received_at: "2026-11-24T19:50:00Z" }] });
  board.merge([apple, microsoft]);
  expect(board.get("AAPL")?.price).toBe(250);
  expect(board.get("MSFT")).toBeDefined();
});

test("what nobody sees does not flash", () => {
  const board = new QuoteBoard((symbol) => symbol === "MSFT");
  board.apply({ snapshot: [apple, microsoft] }, 0);
  const higher = [apple, microsoft].map((quote) => ({ ...quote, price: quote.price + 1 }));
  board.apply({ batch: higher }, 2000);
  expect(["AAPL", "MSFT"].map((symbol) => board.rows.get(symbol)?.flash)).toEqual(["flat", "up"]);
});

test("the turn comes with symbols, sources, states and sessions, not with prices", () => {
  const board = new QuoteBoard();
  const turns = (act: () => void) => {
    const before = board.turn;
    act();
    return board.turn - before;
  };
  expect(turns(() => board.apply({ snapshot: [apple] }))).toBeGreaterThan(0);
  expect(turns(() => board.apply({ batch: [{ ...apple, price: 1, received_at: "2026-11-24T20:00:00Z" }] }))).toBe(0);
  expect(turns(() => board.apply({ batch: [{ ...apple, state: "stale" }, microsoft] }))).toBe(1);
  expect(turns(() => board.apply({ batch: [{ ...apple, state: "stale", source: "finnhub" }] }))).toBe(1);
  expect(turns(() => board.apply({ gone: ["AAPL"] }))).toBe(1);
});
