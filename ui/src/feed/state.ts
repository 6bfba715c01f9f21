/** What the footer and the banner say of the feed, from quotes and the providers' health. Pure. */

import type { ProviderHealth, Quote } from "../bindings";
import { date, moment, provider as providerName, time, unreal, wait, zoneName } from "../format";
import { inOrder, isKeyRejected, wantsConsent } from "./providers";

/** Rows tell the time of their exchange; what is said of the feed is told in the reader's own, and says so. */
const LOCAL = new Intl.DateTimeFormat().resolvedOptions().timeZone;
/** A provider that was due for so long is not asked at all: what was wrong with it is of no interest. */
const FORGOTTEN_MS = 120_000;

export type FeedKind =
  "connecting" | "live" | "closed" | "slow" | "key" | "stale" | "refused" | "offline" | "simulated" | "replay";

export type FeedBanner = {
  title: string;
  text: string;
  /** Whether asking again at once helps. */
  retry: boolean;
  /** A button that opens the providers' settings, and what it says. */
  settings?: string;
};

export type FeedState = {
  kind: FeedKind;
  /** Bold, first. */
  title: string;
  /** Behind it, separated by a dot. */
  detail: string;
  /** What there was no room for. */
  more?: string;
  /** A banner above the instrument, where something needs to be said. */
  banner?: FeedBanner;
};

export type FeedInput = {
  quotes: Quote[];
  providers: ProviderHealth[];
  /** Browser only: seconds until the connection to the server is tried again. */
  lost: number | null;
  ready: boolean;
  /** What is asked for quotes, as configured: `auto`, or names with commas between them. */
  configured: string;
  /** How many seconds of a recording pass in a second. */
  replaySpeed?: number | null | undefined;
  now: Date;
};

export function feedState(input: FeedInput): FeedState {
  const { quotes, providers, now } = input;
  if (input.lost !== null) return offline(input.lost);
  if (quotes.some((quote) => quote.source === "simulated")) return simulated(input);
  const recorded = newest(quotes.filter((quote) => quote.source === "replay"));
  if (recorded) return replay(recorded, input);
  const asked = inOrder(providers, input.configured).filter((health) => health.state !== "off");
  const stopped = standing(quotes, asked);
  if (stopped) return failing(stopped.health, stopped.stale, quotes, now);
  const usual = atWork(input, asked);
  return keyRejected(asked, quotes) ?? consent(asked, usual) ?? slow(asked, quotes, usual) ?? usual;
}

/** The provider whose prices have stopped, and those: none while the next one's stand in for all of them. */
function standing(quotes: Quote[], asked: ProviderHealth[]): { health: ProviderHealth; stale: Quote[] } | null {
  const stopped = asked
    .filter((health) => health.state !== "up")
    .map((health) => ({ health, stale: quotes.filter((q) => q.state === "stale" && q.source === health.name) }))
    .sort((a, b) => b.stale.length - a.stale.length)[0];
  if (stopped?.stale.length) return stopped;
  const down = asked.filter((health) => health.state === "down" && !isKeyRejected(health));
  const none = quotes.length === 0 && asked.every((health) => health.state === "down");
  return none && down[0] ? { health: down[0], stale: [] } : null;
}

/** Nothing stands in the way: where prices come from, and how late. */
function atWork({ quotes, configured, now }: FeedInput, asked: ProviderHealth[]): FeedState {
  const stale = quotes.filter((quote) => quote.state === "stale");
  const fresh = quotes.filter((quote) => quote.state !== "stale");
  const sources = sourcesOf(fresh.length ? fresh : quotes);
  if (fresh.length === 0) {
    const name = providerName(sources[0] ?? asked[0]?.name ?? configured);
    const last = newest(stale);
    const kept = last ? ` · last prices ${moment(last.received_at, undefined, now)}` : "";
    return { kind: "connecting", title: "Connecting", detail: name + kept };
  }
  const names = shortList(sources.map(providerName));
  const more = sources.map(providerName).join(", ");
  if (fresh.every((quote) => quote.session === "closed")) {
    return { kind: "closed", title: "Markets closed", detail: names, more };
  }
  const silent = asked.find((health) => health.state === "down" && sources.includes(health.name));
  if (silent) {
    // Its prices are not old enough to be stale.
    return { kind: "live", title: "Live", detail: `${names} · ${retryIn(silent, now)}`, more: silent.reason ?? "" };
  }
  const absent = replaced(asked, sources, now);
  if (absent) {
    const name = providerName(absent.health.name);
    const since = `${absent.health.reason ?? `${name} is down`}, since ${moment(absent.health.since, undefined, now)}`;
    return {
      kind: "live",
      title: "Live",
      detail: `${names} (${name} is down)`,
      more: `${more}. ${since}; ${retryIn(absent.health, now)}.`,
    };
  }
  return { kind: "live", title: "Live", detail: `${names} · ${lag(fresh)}`, more };
}

/** Whose prices are shown, the most first. */
function sourcesOf(quotes: Quote[]): string[] {
  const counts = new Map<string, number>();
  for (const { source } of quotes) counts.set(source, (counts.get(source) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([source]) => source);
}

function shortList(names: string[]): string {
  return names.length <= 2 ? names.join(", ") : `${names[0]} and ${names.length - 1} more`;
}

/** A provider that is down while all prices come from others, one of which is only asked in its place. */
function replaced(asked: ProviderHealth[], sources: string[], now: Date): { health: ProviderHealth } | null {
  const inUse = asked.map((health) => sources.includes(health.name));
  const health = asked.find(
    (one, at) =>
      one.state === "down" && !isKeyRejected(one) && !inUse[at] && isAsked(one, now) && inUse.indexOf(true, at) > at,
  );
  return health ? { health } : null;
}

function isAsked(health: ProviderHealth, now: Date): boolean {
  return !health.next_try || now.getTime() - new Date(health.next_try).getTime() < FORGOTTEN_MS;
}

function lag(quotes: Quote[]): string {
  const slowest = Math.max(0, ...quotes.filter((q) => q.state === "delayed").map((q) => q.delay_minutes ?? 0));
  if (slowest === 0) return "real time";
  return quotes.some((quote) => quote.state === "live") ? `up to ${slowest} min delayed` : `delayed ${slowest} min`;
}

function keyRejected(asked: ProviderHealth[], quotes: Quote[]): FeedState | null {
  const health = asked.find(isKeyRejected);
  if (!health) return null;
  const name = providerName(health.name);
  const names = shortList(sourcesOf(quotes).map(providerName));
  return {
    kind: "key",
    title: `${name}: key rejected`,
    detail: names ? `prices from ${names}` : "",
    more: health.reason ?? "",
    banner: { title: `${name} did not accept the key.`, text: "", retry: false, settings: "Replace key" },
  };
}

function consent(asked: ProviderHealth[], usual: FeedState): FeedState | null {
  const health = asked.find(wantsConsent);
  if (!health) return null;
  return {
    ...usual,
    banner: {
      title: `${providerName(health.name)} asks about its cookies.`,
      text: `Until you decide, prices come the slower way, without all details. Set consent in [provider.${health.name}] of the configuration to “reject” or “accept”, then start Quickstocks again.`,
      retry: false,
    },
  };
}

/** The provider of most prices is slow; that of a few is a note. */
function slow(asked: ProviderHealth[], quotes: Quote[], usual: FeedState): FeedState | null {
  const sources = sourcesOf(quotes);
  const health = asked.find((one) => one.state === "degraded" && (!sources.length || sources.includes(one.name)));
  if (!health) return null;
  const name = providerName(health.name);
  if (sources.length && sources[0] !== health.name) {
    return { ...usual, detail: `${usual.detail} · ${name} is slow`, more: health.reason ?? "" };
  }
  const next = health.next_try ? ` Next try ${time(health.next_try)}.` : "";
  return {
    kind: "slow",
    title: "Slow",
    detail: name,
    banner: { title: `${health.reason ?? `${name} is slow`}.`, text: `Prices come less often.${next}`, retry: false },
  };
}

function offline(seconds: number): FeedState {
  return {
    kind: "offline",
    title: "Offline",
    detail: `retrying in ${wait(seconds)}`,
    banner: {
      title: "The connection to Quickstocks is lost.",
      text: "Prices resume by themselves. Your lists and alerts are kept.",
      retry: false,
    },
  };
}

function simulated({ configured, providers, now }: FeedInput): FeedState {
  const title = "SIMULATED PRICES";
  if (configured === "simulated") {
    const text = "These numbers are made up: the simulated market was chosen.";
    return {
      kind: "simulated",
      title: "SIMULATED",
      detail: "made-up prices, as chosen",
      banner: { title, text, retry: false },
    };
  }
  const text = "These numbers are made up: no provider has answered yet. Live prices will replace all of them.";
  const tried = inOrder(providers, configured).filter((health) => health.state === "down");
  const soonest = tried.toSorted((a, b) => (a.next_try ?? "~").localeCompare(b.next_try ?? "~"))[0];
  return {
    kind: "simulated",
    title: "SIMULATED",
    detail: `no live price yet · ${retryIn(soonest, now)}`,
    banner: { title, text, retry: true, settings: "Providers" },
  };
}

function replay(quote: Quote, { replaySpeed, now }: FeedInput): FeedState {
  const on = date(quote.quoted_at, quote.time_zone, now);
  const speed = replaySpeed ? ` · ${replaySpeed}×` : "";
  return {
    kind: "replay",
    title: "REPLAY",
    detail: `${on}${speed}`,
    banner: { title: "REPLAY", text: `Recorded prices of ${on}.`, retry: false },
  };
}

function failing(health: ProviderHealth, stale: Quote[], quotes: Quote[], now: Date): FeedState {
  const name = providerName(health.name);
  const again = retryIn(health, now);
  const going = quotes.filter((quote) => quote.state !== "stale" && quote.session !== "closed").length > 0;
  if (health.reason?.includes("refuses")) {
    const text = `${health.reason}. Your lists and alerts are kept; prices resume by themselves.`;
    return {
      kind: "refused",
      title: going ? `${name} refused` : "Refused",
      detail: again,
      banner: { title: `This network blocks ${name}.`, text, retry: true, settings: "Providers" },
    };
  }
  const since = moment(health.since, undefined, now);
  const at = `${since} ${zoneName(health.since, LOCAL)}`.trim();
  const some = `${stale.length} ${stale.length === 1 ? "price" : "prices"}`;
  const reason = `${health.reason ?? `${name} does not answer`}. ${capital(again)}.`;
  return {
    kind: "stale",
    title: !stale.length ? `No prices since ${since}` : going ? `${some} stale since ${since}` : `Stale since ${since}`,
    detail: again,
    banner: {
      title: going && stale.length ? `${some} stopped at ${at}.` : `Prices stopped at ${at}.`,
      text: going && stale.length ? `${reason} The others go on.` : reason,
      retry: true,
    },
  };
}

function newest(quotes: Quote[]): Quote | undefined {
  const time = (quote: Quote) => (unreal(quote.source) ? quote.quoted_at : quote.received_at);
  return quotes.reduce<Quote | undefined>((a, b) => (!a || time(a) < time(b) ? b : a), undefined);
}

function retryIn(health: ProviderHealth | undefined, now: Date): string {
  if (!health?.next_try) return "retrying";
  const left = (new Date(health.next_try).getTime() - now.getTime()) / 1000;
  return left > 0 ? `retrying in ${wait(left)}` : "retrying";
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
