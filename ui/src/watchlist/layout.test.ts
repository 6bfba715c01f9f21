import { expect, test } from "vitest";
import { GROUP_HEIGHT, inView, layout } from "./layout";

const symbols = (count: number) => Array.from({ length: count }, (_, n) => `S${n}`);

test("rows stand under each other", () => {
  const { items, height, order } = layout(["A", "B"], 48);
  expect(items).toEqual([
    { kind: "row", id: "A", at: 0, top: 0 },
    { kind: "row", id: "B", at: 1, top: 48 },
  ]);
  expect([height, order]).toEqual([96, ["A", "B"]]);
});

test("groups come in their order, their rows in that of the list", () => {
  const of = (symbol: string) => (symbol.endsWith("-USD") ? "crypto" : "equity");
  const compare = (one: string, other: string) => (one < other ? 1 : -1);
  const { items, height, order } = layout(["BTC-USD", "MSFT", "ETH-USD", "AAPL"], 50, { of, compare });
  expect(items.map(({ kind, id, top }) => [kind, id, top])).toEqual([
    ["group", "equity", 0],
    ["row", "MSFT", GROUP_HEIGHT],
    ["row", "AAPL", GROUP_HEIGHT + 50],
    ["group", "crypto", GROUP_HEIGHT + 100],
    ["row", "BTC-USD", 2 * GROUP_HEIGHT + 100],
    ["row", "ETH-USD", 2 * GROUP_HEIGHT + 150],
  ]);
  expect([height, order.join(" ")]).toEqual([2 * GROUP_HEIGHT + 200, "MSFT AAPL BTC-USD ETH-USD"]);
});

test("of thousands only those in view are drawn, and all of those", () => {
  const all = layout(symbols(5000), 48);
  for (const top of [0, 1, 47, 48, 100_000, all.height - 600]) {
    const [first, last] = inView(all, top, top + 600);
    expect(last - first).toBeLessThan(30);
    const drawn = all.items.slice(first, last);
    expect(drawn[0]?.top).toBeLessThanOrEqual(top);
    expect((drawn.at(-1)?.top ?? 0) + 48).toBeGreaterThanOrEqual(Math.min(top + 600, all.height));
  }
  expect(inView(layout([], 48), 0, 600)).toEqual([0, 0]);
});
