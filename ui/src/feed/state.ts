/** What the footer and the banner say of the feed, from quotes and the providers' health. Pure. */

import type { ProviderHealth, Quote } from "../bindings";
import { moment, provider as providerName, time, wait, zoneName } from "../format";

/** Rows tell the time of their exchange; what is said of the feed is told in the reader's own, and says so. */
const LOCAL = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export type FeedKind = "connecting" | "live" | "closed" | "slow" | "stale" | "refused" | "offline" | "simulated";

export type FeedState = {
  kind: FeedKind;
  /** Bold, first. */
  title: string;
  /** Behind it, separated by a dot. */
  detail: string;
  /** A banner above the instrument, where something needs to be said. */
  banner?: { title: string; text: string; retry: boolean };
};

export type FeedInput = {
  quotes: Quote[];
  providers: ProviderHealth[];
  /** Browser only: seconds until the connection to the server is tried again. */
  lost: number | null;
  ready: boolean;
  /** The simulated market was chosen, rather than standing in. */
  chosenSimulated: boolean;
  now: Date;
};

function newest(quotes: Quote[]): Quote | undefined {
  return quotes.reduce<Quote | undefined>((a, b) => (!a || a.received_at < b.received_at ? b : a), undefined);
}

function retryIn(health: ProviderHealth | undefined, now: Date): string {
  if (!health?.next_try) return "retrying";
  const left = (new Date(health.next_try).getTime() - now.getTime()) / 1000;
  return left > 0 ? `retrying in ${wait(left)}` : "retrying";
}

export function feedState(input: FeedInput): FeedState {
  const { quotes, providers, now } = input;
  if (input.lost !== null) {
    return {
      kind: "offline",
      title: "Offline",
      detail: `retrying in ${wait(input.lost)}`,
      banner: {
        title: "The connection to Quickstocks is lost.",
        text: "Prices resume by themselves. Your lists and alerts are kept.",
        retry: false,
      },
    };
  }
  const live = providers.find((health) => health.name !== "simulated" && health.state !== "off");
  if (quotes.some((quote) => quote.source === "simulated")) return simulated(input, live);
  const name = providerName(live?.name ?? newest(quotes)?.source ?? "yahoo");
  const stale = quotes.filter((quote) => quote.state === "stale");
  if (live?.state === "down" || (stale.length > 0 && live && live.state !== "up"))
    return failing(live, name, stale, now);
  if (live?.state === "degraded") {
    const next = live.next_try ? ` Next try ${time(live.next_try)}.` : "";
    return {
      kind: "slow",
      title: "Slow",
      detail: name,
      banner: { title: `${live.reason ?? `${name} is slow`}.`, text: `Prices come less often.${next}`, retry: false },
    };
  }
  if (quotes.length === 0) return { kind: "connecting", title: "Connecting", detail: name };
  if (stale.length === quotes.length) {
    return { kind: "connecting", title: "Connecting", detail: `${name} · last prices ${age(stale, now)}` };
  }
  if (quotes.every((quote) => quote.session === "closed")) {
    return { kind: "closed", title: "Markets closed", detail: name };
  }
  const delays = quotes.filter((q) => q.state === "delayed").map((q) => q.delay_minutes ?? 0);
  const slowest = Math.max(0, ...delays);
  const real = quotes.some((quote) => quote.state === "live");
  const lag = slowest === 0 ? "real time" : real ? `up to ${slowest} min delayed` : `delayed ${slowest} min`;
  return { kind: "live", title: "Live", detail: `${name} · ${lag}` };
}

function age(quotes: Quote[], now: Date): string {
  const last = newest(quotes);
  return last ? moment(last.received_at, undefined, now) : "";
}

function simulated({ chosenSimulated, now }: FeedInput, live: ProviderHealth | undefined): FeedState {
  if (chosenSimulated) {
    return {
      kind: "simulated",
      title: "SIMULATED",
      detail: "made-up prices, as chosen",
      banner: {
        title: "SIMULATED PRICES",
        text: "These numbers are made up: the simulated market was chosen.",
        retry: false,
      },
    };
  }
  return {
    kind: "simulated",
    title: "SIMULATED",
    detail: `no live price yet · ${retryIn(live, now)}`,
    banner: {
      title: "SIMULATED PRICES",
      text: "These numbers are made up: no provider has answered yet. Live prices will replace all of them.",
      retry: true,
    },
  };
}

function failing(health: ProviderHealth, name: string, stale: Quote[], now: Date): FeedState {
  const again = retryIn(health, now);
  if (health.reason?.includes("refuses")) {
    return {
      kind: "refused",
      title: "Refused",
      detail: again,
      banner: {
        title: `This network blocks ${name}.`,
        text: `${health.reason}. Your lists and alerts are kept; prices resume by themselves.`,
        retry: true,
      },
    };
  }
  const since = moment(health.since, undefined, now);
  return {
    kind: "stale",
    title: stale.length ? `Stale since ${since}` : `No prices since ${since}`,
    detail: again,
    banner: {
      title: `Prices stopped at ${`${since} ${zoneName(health.since, LOCAL)}`.trim()}.`,
      text: `${health.reason ?? `${name} does not answer`}. ${capital(again)}.`,
      retry: true,
    },
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
