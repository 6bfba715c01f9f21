/** The day's course of each visible row, fetched lazily, few at a time, seldom. */

import { SvelteMap } from "svelte/reactivity";
import type { History } from "./bindings";
import type { Platform } from "./platform/platform";

const AT_ONCE = 2;
const FRESH_MS = 10 * 60_000;

export type Spark = { points: number[]; previousClose: number | undefined };

export class Sparks {
  private readonly known = new SvelteMap<string, Spark>();
  private readonly fetchedAt = new Map<string, number>();
  private readonly waiting: string[] = [];
  private underway = 0;

  constructor(private readonly platform: Platform) {}

  get(symbol: string): Spark | undefined {
    return this.known.get(symbol);
  }

  /** A row has come into view. */
  want(symbol: string, now = Date.now()): void {
    if (now - (this.fetchedAt.get(symbol) ?? -Infinity) < FRESH_MS || this.waiting.includes(symbol)) return;
    this.waiting.push(symbol);
    this.fetch();
  }

  /** Other prices altogether: simulated ones gave way to live ones. */
  forget(): void {
    this.known.clear();
    this.fetchedAt.clear();
  }

  private fetch(): void {
    while (this.underway < AT_ONCE) {
      const symbol = this.waiting.shift();
      if (symbol === undefined) return;
      this.underway += 1;
      this.fetchedAt.set(symbol, Date.now());
      this.platform
        .history(symbol, "1d")
        .then((history) => this.known.set(symbol, spark(history)))
        .catch(() => {})
        .finally(() => {
          this.underway -= 1;
          this.fetch();
        });
    }
  }
}

/** The regular session's closes. */
export function spark(history: History): Spark {
  const { regular_hours: hours, bars } = history;
  const regular = hours ? bars.filter((bar) => bar.at >= hours.start && bar.at < hours.end) : bars;
  const used = regular.length >= 2 ? regular : bars;
  return { points: used.map((bar) => bar.close), previousClose: history.previous_close ?? undefined };
}

/** An SVG path in a box of 60 × 24, and the height of the previous close in it. */
export function sparkPath({ points, previousClose }: Spark): { path: string; close: number | undefined } {
  if (points.length < 2) return { path: "", close: previousClose === undefined ? undefined : 12 };
  const all = previousClose === undefined ? points : [...points, previousClose];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const y = (value: number) => Number((22 - ((value - low) / span) * 20).toFixed(1));
  const x = (i: number) => Number(((i / (points.length - 1)) * 60).toFixed(1));
  const path = points.map((value, i) => `${i ? "L" : "M"}${x(i)} ${y(value)}`).join("");
  return { path, close: previousClose === undefined ? undefined : y(previousClose) };
}
