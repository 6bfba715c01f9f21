/** The newest quote of each symbol. Only what changed repaints. */

import { SvelteMap } from "svelte/reactivity";
import type { Quote, StreamMessage } from "./bindings";
import { direction, type Direction } from "./format";
import type { StreamParts } from "./platform/platform";

/** A row flashes at most this often. */
const FLASH_EVERY_MS = 1000;

export class Row {
  quote: Quote = $state.raw() as Quote;
  /** Which way the price last went, while that is being shown. */
  flash: Direction = $state("flat");
  private flashedAt = 0;
  private fading: ReturnType<typeof setTimeout> | undefined;

  constructor(quote: Quote) {
    this.quote = quote;
  }

  update(quote: Quote, now: number): void {
    const moved = quote.price - this.quote.price;
    this.quote = quote;
    if (moved === 0 || now - this.flashedAt < FLASH_EVERY_MS) return;
    this.flashedAt = now;
    this.flash = moved > 0 ? "up" : "down";
    clearTimeout(this.fading);
    this.fading = setTimeout(() => (this.flash = "flat"), 700);
  }
}

export class QuoteBoard {
  /** By symbol. The map changes when symbols come and go, a row when its quote does. */
  readonly rows = new SvelteMap<string, Row>();
  /** Whether the first snapshot has come. */
  ready = $state(false);

  get(symbol: string): Quote | undefined {
    return this.rows.get(symbol)?.quote;
  }

  apply(message: StreamMessage, now = Date.now()): void {
    const { snapshot, batch = [], gone = [] }: StreamParts = message;
    if (snapshot) this.replace(snapshot, now);
    for (const quote of batch) this.put(quote, now);
    for (const symbol of gone) this.rows.delete(symbol);
  }

  /** Quotes fetched on the side. Never older than what is here. */
  merge(quotes: Quote[], now = Date.now()): void {
    for (const quote of quotes) {
      const present = this.get(quote.symbol);
      if (!present || present.received_at < quote.received_at) this.put(quote, now);
    }
  }

  /** Everything else is gone: live quotes replace simulated ones as a whole. */
  private replace(quotes: Quote[], now: number): void {
    const here = new Set(quotes.map((quote) => quote.symbol));
    for (const symbol of [...this.rows.keys()]) if (!here.has(symbol)) this.rows.delete(symbol);
    for (const quote of quotes) this.put(quote, now);
    this.ready = true;
  }

  private put(quote: Quote, now: number): void {
    const row = this.rows.get(quote.symbol);
    if (row) row.update(quote, now);
    else this.rows.set(quote.symbol, new Row(quote));
  }
}

/** The direction a quote is drawn in. */
export function quoteDirection(quote: Quote | undefined): Direction {
  return direction(quote?.change_percent);
}
