/** Where bars stand on the axis of time, and what they are compared with. Pure; knows no chart. */

import type { Bar, History } from "../bindings";

/** Seconds, as the chart counts time. */
export type Stamp = number;

/** A part of the day, up to the bells' own points so that it meets its neighbour. */
export type Hours = { name: "pre" | "post"; from: Stamp; to: Stamp };

/** A day of minutes. */
const REST_MAX = 1440;

export const stamp = (at: string): Stamp => Math.floor(Date.parse(at) / 1000);

/** Bars in order, each time once: the library refuses anything else. */
export function inOrder(bars: Bar[]): Bar[] {
  const byTime = new Map(bars.map((bar) => [stamp(bar.at), bar]));
  return [...byTime].sort(([a], [b]) => a - b).map(([, bar]) => bar);
}

/** Empty places up to the closing bell, so that the line grows into the day. */
export function restOfDay(bars: Bar[], end: string): { time: Stamp }[] {
  const [before, last] = bars.slice(-2).map((bar) => stamp(bar.at));
  if (before === undefined || last === undefined) return [];
  const step = last - before;
  const places = Math.min(Math.floor((stamp(end) - last) / step), REST_MAX);
  return Array.from({ length: Math.max(places, 0) }, (_, i) => ({ time: last + (i + 1) * step }));
}

/** What a range is compared with: the previous close on the day, the first point otherwise. */
export function reference(history: History): number | undefined {
  return history.range === "1d" ? (history.previous_close ?? undefined) : history.bars[0]?.close;
}

/** The stretches before and after the regular session, as far as there are any. */
export function extendedHours(bars: Bar[], hours: { start: string; end: string }): Hours[] {
  const opens = bars.findIndex((bar) => bar.at >= hours.start);
  const shuts = bars.findIndex((bar) => bar.at >= hours.end);
  const stretch = (name: Hours["name"], from: Bar | undefined, to: Bar | undefined) =>
    from && to && from !== to ? [{ name, from: stamp(from.at), to: stamp(to.at) }] : [];
  return [
    ...(opens === 0 ? [] : stretch("pre", bars[0], bars[opens] ?? bars.at(-1))),
    ...(shuts < 0 ? [] : stretch("post", bars[shuts - 1] ?? bars[shuts], bars.at(-1))),
  ];
}

/** Labels of the axis; one that a tag would cover is left out. */
export function axisLabels(prices: number[], label: (price: number) => string, near: (price: number) => boolean) {
  return prices.map((value) => (near(value) ? "" : label(value)));
}

const DAY_MS = 86_400_000;
/** How far back a range goes; the shorter ones depend on trading days. */
const DAYS: Partial<Record<History["range"], number>> = { "6mo": 181, "1y": 365, "5y": 5 * 365 };
/** Holidays, a slow provider, bars of weeks: what begins so much later than it might is still all there is. */
const SLACK_MS = 14 * DAY_MS;

/** Since when there are prices, where that is later than the range begins. */
export function beginsLate(history: History, now: Date): string | undefined {
  const [first, days] = [history.bars[0]?.at, DAYS[history.range]];
  if (!first || !days) return undefined;
  return Date.parse(first) - (now.getTime() - days * DAY_MS) > SLACK_MS ? first : undefined;
}
