/** What is said of a market's next bell. Pure. */

import type { MarketHours, Quote } from "../bindings";
import { moment, unreal, wait, zoneName } from "../format";
import { t } from "../i18n.svelte";

/** So soon a bell is counted down to; later ones are told by the clock. */
const NEAR_SECONDS = 12 * 3600;

export function bellOf(hours: MarketHours | undefined): string | undefined {
  return hours?.opens_at ?? hours?.closes_at ?? undefined;
}

/** `opens in 3 h`, `closes in 25 min`, `opens Mon 09:30 ET`: nothing where the quote tells another session. */
export function bell(quote: Quote, hours: MarketHours | undefined, now: Date): { text: string; title: string } | null {
  if (!hours || unreal(quote.source) || quote.standstill === "delisted" || quote.source === "ecb") return null;
  const open = quote.session === "regular";
  const at = open ? hours.closes_at : hours.opens_at;
  if (!at) return null;
  const left = (Date.parse(at) - now.getTime()) / 1000;
  if (left <= 0) return null;
  const when = clock(hours, at, now);
  const title = t(open ? "hours-closes-at" : "hours-opens-at", { when });
  if (left > NEAR_SECONDS) return { text: title, title };
  return { text: t(open ? "hours-closes-in" : "hours-opens-in", { wait: wait(left) }), title };
}

function clock(hours: MarketHours, at: string, now: Date): string {
  return `${moment(at, hours.time_zone, now)} ${zoneName(at, hours.time_zone)}`.trim();
}

/** The first opening of all: `Mon 09:30 ET`. */
export function nextOpening(all: (MarketHours | undefined)[], now: Date): string | undefined {
  const opening = (hours: MarketHours | undefined) => (hours?.opens_at ? [{ hours, at: hours.opens_at }] : []);
  const first = all
    .flatMap(opening)
    .filter(({ at }) => Date.parse(at) > now.getTime())
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))[0];
  return first && clock(first.hours, first.at, now);
}

/** One symbol of each market: thousands of shares open at the same bell. */
export function oneOfEach(quotes: Quote[]): string[] {
  const byMarket = new Map<string, string>();
  for (const { symbol, exchange, kind, time_zone } of quotes) {
    const market = `${exchange} ${kind} ${time_zone}`;
    if (!byMarket.has(market)) byMarket.set(market, symbol);
  }
  return [...byMarket.values()];
}
