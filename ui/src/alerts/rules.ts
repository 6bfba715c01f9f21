/** What an alert is doing, and how far it is from firing, in words. Pure. */

import type { Alert, Condition, Preferences, Quote } from "../bindings";
import { clock, condition, moment, percent, price, ratio, wait } from "../format";
import { t } from "../i18n.svelte";
import { hasLine, muteOf } from "./facts";

/** Which way a price goes where the condition becomes true; of a move, either way. */
export const WAYS: Partial<Record<Condition["kind"], "up" | "down">> = {
  above: "up",
  below: "down",
  year_high: "up",
  year_low: "down",
};

/** The quote as an alert rules on it: on the newer print of extended hours, where it is to. */
export function ruled(quote: Quote, extended: boolean): Quote {
  const newer = extended ? quote.extended_price : null;
  if (newer == null) return quote;
  const close = quote.previous_close;
  return { ...quote, price: newer, change_percent: close ? (newer / close - 1) * 100 : (quote.change_percent ?? null) };
}

/** The price at which a condition becomes true, where there is one and it is known. */
export function lineOf(rule: Condition, quote: Quote): number | undefined {
  if (hasLine(rule)) return rule.value;
  if (rule.kind === "year_high") return quote.year_high ?? undefined;
  return rule.kind === "year_low" ? (quote.year_low ?? undefined) : undefined;
}

/** How many times the usual volume of a whole day has been traded. */
export function timesUsual({ volume, average_volume }: Quote): number | undefined {
  return volume != null && average_volume ? volume / average_volume : undefined;
}

/** What lies between the price and a line. */
export function gap(line: number, quote: Quote): { distance: string; percent: string } {
  const away = line - quote.price;
  return { distance: price(Math.abs(away), quote.price_digits), percent: percent((away / quote.price) * 100) };
}

/** How far a price has to go, such as `5.40 away (+2.21 %)`. */
export function distance(rule: Condition, quote: Quote | undefined): string {
  if (!quote || rule.kind === "move_within") return "";
  if (rule.kind === "day_move") {
    return quote.change_percent == null ? "" : t("alert-now", { percent: percent(quote.change_percent) });
  }
  if (rule.kind === "volume_spike") {
    const times = timesUsual(quote);
    return times === undefined ? t("alert-no-usual") : t("alert-times-now", { times: ratio(times) });
  }
  const line = lineOf(rule, quote);
  return line === undefined ? t("alert-no-year") : t("alert-away", gap(line, quote));
}

/** What an alert stands on. */
export type Ground = {
  /** Made-up prices stand in for those of a provider. */
  standIn: boolean;
  preferences: Preferences;
  now: Date;
};
/** What keeps an alert from firing, or from being told. */
export type Hold = "off" | "stale" | "paused" | "muted" | "quiet";
export type ChipState = Hold | "armed" | "waiting" | "fired" | "disarmed";

/** From one time of day until before the other, over midnight too. */
export function isQuiet({ quiet_hours: hours, time_zone }: Preferences, now: Date): boolean {
  if (!hours) return false;
  const at = clock(now, time_zone);
  return hours.from < hours.to ? hours.from <= at && at < hours.to : hours.from <= at || at < hours.to;
}

const isAhead = (until: string | null | undefined, now: Date) => until != null && now < new Date(until);

export function holdOf(symbol: string, quote: Quote | undefined, ground: Ground): Hold | undefined {
  const { standIn, preferences, now } = ground;
  if (standIn) return "off";
  if (quote?.state === "stale") return "stale";
  if (isAhead(preferences.alerts_paused_until, now)) return "paused";
  const mute = muteOf(preferences, symbol);
  if (mute && (mute.until == null || isAhead(mute.until, now))) return "muted";
  return isQuiet(preferences, now) ? "quiet" : undefined;
}

/** Until when an alert stays quiet after it fired. One that was drawn anew since begins anew. */
function waitsUntil(alert: Alert, firedAt: string | undefined): string | undefined {
  if (!firedAt || !alert.repeat || !alert.cooldown_minutes) return undefined;
  if (alert.drawn_at && new Date(alert.drawn_at) > new Date(firedAt)) return undefined;
  return new Date(new Date(firedAt).getTime() + alert.cooldown_minutes * 60_000).toISOString();
}

export function chipState(alert: Alert, quote: Quote | undefined, ground: Ground, firedAt?: string): ChipState {
  if (!alert.enabled) return firedAt && !alert.repeat ? "fired" : "disarmed";
  const hold = holdOf(alert.symbol, quote, ground);
  if (hold === "off" || hold === "stale") return hold;
  if (isAhead(waitsUntil(alert, firedAt), ground.now)) return "waiting";
  return hold ?? "armed";
}

export function holdText(hold: Hold, symbol: string, { preferences, now }: Ground): string {
  const zone = preferences.time_zone;
  if (hold === "paused") return t("alert-paused", { time: moment(preferences.alerts_paused_until ?? now, zone, now) });
  if (hold === "quiet") return t("alert-quiet", { time: preferences.quiet_hours?.to ?? "" });
  if (hold === "muted") return t(muteOf(preferences, symbol)?.until ? "muted-today" : "muted");
  return t(`alert-${hold}`);
}

/** What stands beside the rule: the distance while it is armed, else why it is not, or until when. */
export function stateText(
  state: ChipState,
  alert: Alert,
  quote: Quote | undefined,
  ground: Ground,
  firedAt?: string,
): string {
  const { now, preferences } = ground;
  if (state === "armed") return distance(alert.condition, quote && ruled(quote, alert.extended_hours));
  if (state === "disarmed") return t("alert-disarmed");
  if (state === "fired") return t("alert-fired", { when: moment(firedAt ?? now, preferences.time_zone, now) });
  if (state !== "waiting") return holdText(state, alert.symbol, ground);
  const until = new Date(waitsUntil(alert, firedAt) ?? now);
  return t("alert-waiting", { wait: wait((until.getTime() - now.getTime()) / 1000) });
}

export function chipText(alert: Alert, quote: Quote | undefined): string {
  return condition(alert.condition, quote?.price_digits);
}
