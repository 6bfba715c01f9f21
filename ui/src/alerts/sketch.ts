/** Where the line of an alert lies against the day's course. Pure. */

import type { Condition, Quote } from "../bindings";
import { lineOf } from "./rules";

/** Heights in percent of the picture, from its top; the path in a box of 100 × 100. */
export type Sketch = { path: string; now: number; target: number; value: number };

/** The share of the picture left free above and below. */
const MARGIN = 12;
/** Labels closer than this, in percent, would cover each other. */
export const LABEL_GAP = 20;

/** The price at which a condition becomes true: of a move on the day, the nearer side. */
export function targetPrice(rule: Condition, quote: Quote): number | undefined {
  if (rule.kind !== "day_move") return lineOf(rule, quote);
  const close = quote.previous_close;
  if (close == null) return undefined;
  return close * (1 + ((quote.change_percent ?? 0) < 0 ? -rule.value : rule.value) / 100);
}

export function sketch(rule: Condition, quote: Quote, points: number[]): Sketch | undefined {
  const value = targetPrice(rule, quote);
  if (value === undefined) return undefined;
  const all = [...points, quote.price, value];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const y = (price: number) => Number((100 - MARGIN - ((price - low) / span) * (100 - 2 * MARGIN)).toFixed(1));
  const course = points.length >= 2 ? points : [quote.price, quote.price];
  const x = (i: number) => Number(((i / (course.length - 1)) * 100).toFixed(1));
  const path = course.map((price, i) => `${i ? "L" : "M"}${x(i)} ${y(price)}`).join("");
  return { path, now: y(quote.price), target: y(value), value };
}

/** Two labels moved apart where they would cover each other; the upper one stays the upper one. */
export function apart(now: number, target: number): [now: number, target: number] {
  const missing = LABEL_GAP - Math.abs(now - target);
  if (missing <= 0) return [now, target];
  const shift = (target <= now ? missing : -missing) / 2;
  return [now + shift, target - shift];
}
