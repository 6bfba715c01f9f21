/** How a list can be ordered. Sorted lists are re-sorted seldom, never on each tick. */

import type { Quote } from "../bindings";

export type Sort = "manual" | "symbol" | "change" | "price" | "cap";

export const SORTS: { id: Sort; label: string }[] = [
  { id: "manual", label: "Manual" },
  { id: "symbol", label: "Symbol" },
  { id: "change", label: "Change %" },
  { id: "price", label: "Price" },
  { id: "cap", label: "Market cap" },
];

const VALUE: Record<"change" | "price" | "cap", (quote: Quote) => number | null | undefined> = {
  change: (quote) => quote.change_percent,
  price: (quote) => quote.price,
  cap: (quote) => quote.market_cap,
};

/** Largest first; what has no value comes last. */
export function sorted(symbols: string[], sort: Sort, quote: (symbol: string) => Quote | undefined): string[] {
  if (sort === "manual") return symbols;
  if (sort === "symbol") return [...symbols].sort((a, b) => (a < b ? -1 : 1));
  const value = (symbol: string) => {
    const known = quote(symbol);
    return (known && VALUE[sort](known)) ?? -Infinity;
  };
  return [...symbols].sort((a, b) => value(b) - value(a));
}
