/** When markets open and close next, as far as somebody looks. */

import { SvelteMap } from "svelte/reactivity";
import type { MarketHours } from "../bindings";
import type { Platform } from "../platform/platform";
import { bellOf } from "./bell";

/** What is told is asked for again after this time: a provider may have learnt of a holiday. */
const KEPT_MS = 15 * 60_000;
/** And never more often than this. */
const ASKED_MS = 30_000;
/** As many as are told at once. */
const SYMBOLS_MAX = 200;

export class Hours {
  private readonly told = new SvelteMap<string, MarketHours>();
  private readonly asked = new Map<string, number>();

  constructor(private readonly platform: Platform) {}

  of(symbol: string): MarketHours | undefined {
    return this.told.get(symbol);
  }

  /** Asks for those that are not known yet, whose bell has rung, or that were told long ago. */
  async want(symbols: string[], now: Date): Promise<void> {
    const due = symbols.filter((symbol) => this.isDue(symbol, now.getTime())).slice(0, SYMBOLS_MAX);
    if (due.length === 0) return;
    for (const symbol of due) this.asked.set(symbol, now.getTime());
    // What cannot be told is not shown; it is asked for again.
    const told = await this.platform.hours(due).catch(() => []);
    for (const hours of told) this.told.set(hours.symbol, hours);
  }

  private isDue(symbol: string, now: number): boolean {
    const passed = now - (this.asked.get(symbol) ?? -Infinity);
    if (passed < ASKED_MS) return false;
    const bell = bellOf(this.told.get(symbol));
    return passed > KEPT_MS || (bell !== undefined && Date.parse(bell) <= now);
  }
}
