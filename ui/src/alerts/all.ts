/** Every alert beside how far it is from firing. Pure. */

import type { Alert, Condition, Quote } from "../bindings";
import { lineOf, ruled } from "./rules";

export type Order = "distance" | "symbol";

/** How far the price has to move, in percent of itself; not known of volumes and of moves within a time. */
export function toGo(rule: Condition, quote: Quote): number | undefined {
  if (rule.kind === "day_move") {
    return quote.change_percent == null ? undefined : Math.max(0, rule.value - Math.abs(quote.change_percent));
  }
  const line = lineOf(rule, quote);
  return line === undefined ? undefined : Math.abs(line / quote.price - 1) * 100;
}

/** The nearest first, then those whose distance is not known; what is switched off stands last. */
export function ordered(alerts: Alert[], order: Order, quoteOf: (symbol: string) => Quote | undefined): Alert[] {
  const away = (alert: Alert) => {
    const quote = quoteOf(alert.symbol);
    return (quote && toGo(alert.condition, ruled(quote, alert.extended_hours))) ?? Number.MAX_VALUE;
  };
  const bySymbol = (one: Alert, other: Alert) => (one.symbol < other.symbol ? -1 : Number(one.symbol > other.symbol));
  if (order === "symbol") return alerts.toSorted(bySymbol);
  const placed = alerts.map((alert) => ({ alert, off: Number(!alert.enabled), away: away(alert) }));
  placed.sort((one, other) => one.off - other.off || one.away - other.away || bySymbol(one.alert, other.alert));
  return placed.map(({ alert }) => alert);
}
