/** How a list can be ordered. Sorted lists are re-sorted seldom, never on each tick. */

import type { Quote } from "../bindings";

export const SORTS = ["manual", "symbol", "change", "price", "cap"] as const;
export type Sort = (typeof SORTS)[number];

const VALUE: Record<"change" | "price" | "cap", (quote: Quote) => number | null | undefined> = {
  change: (quote) => quote.change_percent,
  price: (quote) => quote.price,
  cap: (quote) => quote.market_cap,
};

/** A to Z or largest first, or the other way round; what has no value comes last either way. */
export function sorted(
  symbols: string[],
  sort: Sort,
  quote: (symbol: string) => Quote | undefined,
  reverse = false,
): string[] {
  const way = reverse ? -1 : 1;
  if (sort === "manual") return reverse ? symbols.toReversed() : symbols;
  if (sort === "symbol") return symbols.toSorted((a, b) => (a < b ? -way : way));
  const value = (symbol: string) => {
    const known = quote(symbol);
    return (known && VALUE[sort](known)) ?? -Infinity * way;
  };
  return symbols.toSorted((a, b) => {
    const [first, second] = [value(a), value(b)];
    return first === second ? 0 : way * (second - first);
  });
}
