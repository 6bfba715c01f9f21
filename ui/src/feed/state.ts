/** What the footer and the banner say of the feed, from quotes and the providers' health. Pure. */

import type { ProviderHealth, Quote } from "../bindings";
import { date, moment, provider as providerName, time, unreal, wait, zoneName } from "../format";
import { t } from "../i18n.svelte";
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
    const kept = last ? ` · ${t("feed-last-prices", { when: moment(last.received_at, undefined, now) })}` : "";
    return { kind: "connecting", title: t("feed-connecting"), detail: name + kept };
  }
  const names = shortList(sources.map(providerName));
  const more = sources.map(providerName).join(", ");
  if (fresh.every((quote) => quote.session === "closed")) {
    return { kind: "closed", title: t("feed-closed"), detail: names, more };
  }
  const silent = asked.find((health) => health.state === "down" && sources.includes(health.name));
  if (silent) {
    // Its prices are not old enough to be stale.
    return {
      kind: "live",
      title: t("feed-live"),
      detail: `${names} · ${retryIn(silent, now)}`,
      more: silent.reason ?? "",
    };
  }
  const absent = replaced(asked, sources, now);
  if (absent) {
    const name = providerName(absent.health.name);
    const reason = absent.health.reason ?? t("feed-down", { name });
    const since = t("feed-down-since", { reason, when: moment(absent.health.since, undefined, now) });
    return {
      kind: "live",
      title: t("feed-live"),
      detail: `${names} (${t("feed-down", { name })})`,
      more: `${more}. ${since}; ${retryIn(absent.health, now)}.`,
    };
  }
  return { kind: "live", title: t("feed-live"), detail: `${names} · ${lag(fresh)}`, more };
}

/** Whose prices are shown, the most first. */
function sourcesOf(quotes: Quote[]): string[] {
  const counts = new Map<string, number>();
  for (const { source } of quotes) counts.set(source, (counts.get(source) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([source]) => source);
}

function shortList(names: string[]): string {
  return names.length <= 2 ? names.join(", ") : t("feed-names", { name: names[0] ?? "", n: names.length - 1 });
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
  if (slowest === 0) return t("feed-real-time");
  return t(quotes.some((quote) => quote.state === "live") ? "feed-up-to" : "feed-delayed", { minutes: slowest });
}

function keyRejected(asked: ProviderHealth[], quotes: Quote[]): FeedState | null {
  const health = asked.find(isKeyRejected);
  if (!health) return null;
  const name = providerName(health.name);
  const names = shortList(sourcesOf(quotes).map(providerName));
  return {
    kind: "key",
    title: t("feed-key-title", { name }),
    detail: names ? t("feed-prices-from", { names }) : "",
    more: health.reason ?? "",
    banner: { title: t("banner-key-title", { name }), text: "", retry: false, settings: t("banner-key-button") },
  };
}

function consent(asked: ProviderHealth[], usual: FeedState): FeedState | null {
  const health = asked.find(wantsConsent);
  if (!health) return null;
  return {
    ...usual,
    banner: {
      title: t("banner-consent-title", { name: providerName(health.name) }),
      text: t("banner-consent-text", { section: `[provider.${health.name}]` }),
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
    return { ...usual, detail: `${usual.detail} · ${t("feed-slow-too", { name })}`, more: health.reason ?? "" };
  }
  const next = health.next_try ? ` ${t("banner-slow-next", { time: time(health.next_try) })}` : "";
  const title = health.reason ? `${health.reason}.` : t("banner-slow-title", { name });
  return {
    kind: "slow",
    title: t("feed-slow"),
    detail: name,
    banner: { title, text: t("banner-slow-text") + next, retry: false },
  };
}

function offline(seconds: number): FeedState {
  return {
    kind: "offline",
    title: t("feed-offline"),
    detail: t("feed-retry-in", { wait: wait(seconds) }),
    banner: { title: t("banner-offline-title"), text: t("banner-offline-text"), retry: false },
  };
}

function simulated({ configured, providers, now }: FeedInput): FeedState {
  const title = t("banner-simulated-title");
  const shown = { kind: "simulated", title: t("mark-simulated") } as const;
  if (configured === "simulated") {
    const banner = { title, text: t("banner-simulated-chosen"), retry: false };
    return { ...shown, detail: t("feed-chosen"), banner };
  }
  const tried = inOrder(providers, configured).filter((health) => health.state === "down");
  const soonest = tried.toSorted((a, b) => (a.next_try ?? "~").localeCompare(b.next_try ?? "~"))[0];
  return {
    ...shown,
    detail: `${t("feed-no-live")} · ${retryIn(soonest, now)}`,
    banner: { title, text: t("banner-simulated-text"), retry: true, settings: t("banner-providers") },
  };
}

function replay(quote: Quote, { replaySpeed, now }: FeedInput): FeedState {
  const on = date(quote.quoted_at, quote.time_zone, now);
  const speed = replaySpeed ? ` · ${replaySpeed}×` : "";
  return {
    kind: "replay",
    title: t("mark-replay"),
    detail: `${on}${speed}`,
    banner: { title: t("mark-replay"), text: t("banner-replay-text", { day: on }), retry: false },
  };
}

function failing(health: ProviderHealth, stale: Quote[], quotes: Quote[], now: Date): FeedState {
  const name = providerName(health.name);
  const again = retryIn(health, now);
  const going = quotes.some((quote) => quote.state !== "stale" && quote.session !== "closed");
  if (health.code === "refused") {
    const title = t("banner-refused-title", { name });
    const text = `${health.reason}. ${t("banner-refused-text")}`;
    return {
      kind: "refused",
      title: going ? t("feed-name-refused", { name }) : t("feed-refused"),
      detail: again,
      banner: { title, text, retry: true, settings: t("banner-providers") },
    };
  }
  const since = moment(health.since, undefined, now);
  const at = `${since} ${zoneName(health.since, LOCAL)}`.trim();
  const n = stale.length;
  const some = going && n > 0;
  const reason = health.reason ? `${health.reason}.` : t("banner-silent", { name });
  const told = [reason, retrySentence(health, now), ...(some ? [t("banner-others")] : [])];
  return {
    kind: "stale",
    title: n
      ? t(some ? "feed-some-stale" : "feed-stale-since", { n, when: since })
      : t("feed-none-since", { when: since }),
    detail: again,
    banner: {
      title: t(some ? "banner-some-stopped-title" : "banner-stopped-title", { n, when: at }),
      text: told.join(" "),
      retry: true,
    },
  };
}

function newest(quotes: Quote[]): Quote | undefined {
  const time = (quote: Quote) => (unreal(quote.source) ? quote.quoted_at : quote.received_at);
  return quotes.reduce<Quote | undefined>((a, b) => (!a || time(a) < time(b) ? b : a), undefined);
}

/** Seconds until a provider is asked again: none where that is under way. */
function secondsLeft(health: ProviderHealth | undefined, now: Date): number | null {
  const left = health?.next_try ? (new Date(health.next_try).getTime() - now.getTime()) / 1000 : 0;
  return left > 0 ? left : null;
}

function retryIn(health: ProviderHealth | undefined, now: Date): string {
  const left = secondsLeft(health, now);
  return left === null ? t("feed-retrying") : t("feed-retry-in", { wait: wait(left) });
}

function retrySentence(health: ProviderHealth, now: Date): string {
  const left = secondsLeft(health, now);
  return left === null ? t("banner-retrying") : t("banner-retry-in", { wait: wait(left) });
}
