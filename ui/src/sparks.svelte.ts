/** The day's course of each visible row: asked for many at a time, and again while they are seen. */

import { SvelteMap } from "svelte/reactivity";
import type { History } from "./bindings";
import type { Platform } from "./platform/platform";

/** Rows that come into view together are asked for together. */
const FRAME_MS = 16;
const FRESH_MS = 60_000;
/** Symbols in one question at the most. */
const ASK_MAX = 200;

export type Spark = { points: number[]; previousClose: number | undefined };

export class Sparks {
  private readonly known = new SvelteMap<string, Spark>();
  private readonly askedAt = new Map<string, number>();
  private readonly seen = new Set<string>();
  private readonly waiting = new Set<string>();
  private underway = false;

  constructor(private readonly platform: Platform) {}

  get(symbol: string): Spark | undefined {
    return this.known.get(symbol);
  }

  /** A row has come into view. */
  show(symbol: string): void {
    this.seen.add(symbol);
    this.want(symbol);
  }

  /** It has gone out of view. */
  hide(symbol: string): void {
    this.seen.delete(symbol);
  }

  want(symbol: string, now = Date.now()): void {
    if (now - (this.askedAt.get(symbol) ?? -Infinity) < FRESH_MS) return;
    this.waiting.add(symbol);
    this.fetchSoon();
  }

  /** What is in view goes on. */
  refresh(now = Date.now()): void {
    for (const symbol of this.seen) this.want(symbol, now);
  }

  /** Other prices altogether: simulated ones gave way to live ones. */
  forget(): void {
    this.known.clear();
    this.askedAt.clear();
    this.refresh();
  }

  private fetchSoon(): void {
    if (this.underway) return;
    this.underway = true;
    setTimeout(() => void this.fetch(), FRAME_MS);
  }

  /** One question at a time; what has come into view meanwhile is the next. */
  private async fetch(): Promise<void> {
    const symbols = [...this.waiting].slice(0, ASK_MAX);
    for (const symbol of symbols) {
      this.waiting.delete(symbol);
      this.askedAt.set(symbol, Date.now());
    }
    // Without an answer the lines stay as they are until the next time.
    const found = await this.platform.sparks(symbols).catch(() => []);
    for (const history of found) this.known.set(history.symbol, spark(history));
    this.underway = false;
    if (this.waiting.size) this.fetchSoon();
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
