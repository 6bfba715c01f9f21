/** How a list can be ordered. Sorted lists are re-sorted seldom, never on each tick. */

import type { ListSort, Quote } from "../bindings";

export const SORTS = ["manual", "symbol", "name", "change", "price", "cap", "volume"] as const satisfies ListSort[];

const VALUE: Record<"change" | "price" | "cap" | "volume", (quote: Quote) => number | null | undefined> = {
  change: (quote) => quote.change_percent,
  price: (quote) => quote.price,
  cap: (quote) => quote.market_cap,
  volume: (quote) => quote.volume,
};

type Known = { quote: (symbol: string) => Quote | undefined; name: (symbol: string) => string };

/** A to Z or largest first, or the other way round; what has no value comes last either way. */
export function sorted(symbols: string[], sort: ListSort, { quote, name }: Known, reverse = false): string[] {
  const way = reverse ? -1 : 1;
  if (sort === "manual") return reverse ? symbols.toReversed() : symbols;
  if (sort === "symbol") return symbols.toSorted((a, b) => (a < b ? -way : way));
  if (sort === "name") return byText(symbols, name, way);
  const value = (symbol: string) => {
    const known = quote(symbol);
    return (known && VALUE[sort](known)) ?? -Infinity * way;
  };
  const values = new Map(symbols.map((symbol) => [symbol, value(symbol)]));
  return symbols.toSorted((a, b) => {
    const [first = 0, second = 0] = [values.get(a), values.get(b)];
    return first === second ? 0 : way * (second - first);
  });
}

function byText(symbols: string[], text: (symbol: string) => string, way: number): string[] {
  const { compare } = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
  const texts = new Map(symbols.map((symbol) => [symbol, text(symbol)]));
  return symbols.toSorted((a, b) => {
    const [first = "", second = ""] = [texts.get(a), texts.get(b)];
    return !first || !second ? Number(!first) - Number(!second) : way * compare(first, second);
  });
}
