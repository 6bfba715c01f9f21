/** The newest quote as the last bar of a history, which is fetched seldom. Pure. */

import type { Bar, History, Quote } from "../bindings";
import { unreal } from "../format";

const UNITS: Record<string, number> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  wk: 7 * 86_400_000,
  mo: 31 * 86_400_000,
};

/** How long a bar of `5m`, `1d` or `1wk` is; 0 where the text says nothing. */
function milliseconds(interval: string): number {
  const [, count, unit] = /^(\d+)(m|h|d|wk|mo)$/.exec(interval) ?? [];
  return Number(count ?? 0) * (UNITS[unit ?? ""] ?? 0);
}

/** Whether two may stand side by side: both of now, both made up, or both recorded. */
export function comparable(a: { source: string }, b: { source: string }): boolean {
  return unreal(a.source) === unreal(b.source);
}

/**
 * The bar that the quote ends or begins; none where it belongs to none. A regular price never makes a bar after
 * the closing bell, and a made-up price never joins real ones.
 */
export function liveBar(history: History, quote: Quote): Bar | undefined {
  if (history.symbol !== quote.symbol || !comparable(history, quote)) return undefined;
  const hours = history.range === "1d" ? history.regular_hours : undefined;
  const last = history.bars.findLast((bar) => !hours || (bar.at >= hours.start && bar.at < hours.end));
  if (!last) return undefined;
  const from = Date.parse(last.at);
  const passed = Date.parse(quote.quoted_at) - from;
  if (!(passed >= 0)) return undefined;
  const step = milliseconds(history.interval);
  const begins = step ? from + Math.floor(passed / step) * step : from;
  const { price } = quote;
  if (begins > from && quote.session === "regular" && !(hours && begins >= Date.parse(hours.end))) {
    return { at: new Date(begins).toISOString(), open: price, high: price, low: price, close: price };
  }
  return { ...last, high: Math.max(last.high, price), low: Math.min(last.low, price), close: price };
}
