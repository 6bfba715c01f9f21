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

  /** Where nobody sees it, it does not flash. */
  update(quote: Quote, now: number, seen: boolean): void {
    const moved = quote.price - this.quote.price;
    this.quote = quote;
    if (!seen || moved === 0 || now - this.flashedAt < FLASH_EVERY_MS) return;
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
  /** Counts what changes seldom: which symbols there are, and of whom, how fresh and in which session their quotes are. */
  turn = $state(0);

  /** `seen`: whether a symbol is on the screen. */
  constructor(private readonly seen: (symbol: string) => boolean = () => true) {}

  get(symbol: string): Quote | undefined {
    return this.rows.get(symbol)?.quote;
  }

  apply(message: StreamMessage, now = Date.now()): void {
    const { snapshot, batch = [], gone = [] }: StreamParts = message;
    if (snapshot) this.replace(snapshot, now);
    this.putAll(batch, now);
    for (const symbol of gone) this.rows.delete(symbol);
    if (snapshot || gone.length) this.turn += 1;
  }

  /** Quotes fetched on the side. Never older than what is here. */
  merge(quotes: Quote[], now = Date.now()): void {
    const newer = quotes.filter((quote) => {
      const present = this.get(quote.symbol);
      return !present || present.received_at < quote.received_at;
    });
    this.putAll(newer, now);
  }

  /** Everything else is gone: live quotes replace simulated ones as a whole. */
  private replace(quotes: Quote[], now: number): void {
    const here = new Set(quotes.map((quote) => quote.symbol));
    for (const symbol of [...this.rows.keys()]) if (!here.has(symbol)) this.rows.delete(symbol);
    this.putAll(quotes, now);
    this.ready = true;
  }

  private putAll(quotes: Quote[], now: number): void {
    let turned = false;
    for (const quote of quotes) turned = this.put(quote, now) || turned;
    if (turned) this.turn += 1;
  }

  /** Says whether more than its figures has changed. */
  private put(quote: Quote, now: number): boolean {
    const row = this.rows.get(quote.symbol);
    if (!row) {
      this.rows.set(quote.symbol, new Row(quote));
      return true;
    }
    const before = row.quote;
    row.update(quote, now, this.seen(quote.symbol));
    return TURNS.some((field) => before[field] !== quote[field]);
  }
}

const TURNS = ["source", "state", "session", "delay_minutes"] as const;

/** The direction a quote is drawn in. */
export function quoteDirection(quote: Quote | undefined): Direction {
  return direction(quote?.change_percent);
}
