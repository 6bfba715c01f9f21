/** What an alert will do, told while it is being made. Pure. */

import type { Bar, Condition, History, Quote } from "../bindings";
import { date, large, percent, plainNumber, provider, quotePrice, ratio } from "../format";
import { t } from "../i18n.svelte";
import { fieldText, positive } from "../typed";
import { hasLine } from "./facts";
import { gap, lineOf, timesUsual } from "./rules";

export type Kind = Condition["kind"];
export const KINDS = [
  "above",
  "below",
  "day_move",
  "move_within",
  "year_high",
  "year_low",
  "volume_spike",
] as const satisfies readonly Kind[];
const MOVE_MINUTES_MAX = 24 * 60;

/** The fields, as they are typed. What they begin with is read back to the last digit: who saves it changes nothing. */
export type Fields = { kind: Kind; value: string; minutes: string };

export function hasValue(kind: Kind): boolean {
  return kind !== "year_high" && kind !== "year_low";
}

export function fieldsOf(rule: Condition | undefined, quote: Quote | undefined): Fields {
  const minutes = rule?.kind === "move_within" ? String(rule.value.minutes) : "15";
  if (!rule) return { kind: "above", value: quote ? suggestion("above", quote) : "", minutes };
  return { kind: rule.kind, value: valueText(rule, quote), minutes };
}

function valueText(rule: Condition, quote: Quote | undefined): string {
  if (hasLine(rule)) return fieldText(rule.value, quote?.price_digits ?? 2);
  if (rule.kind === "year_high" || rule.kind === "year_low") return "";
  return fieldText(rule.kind === "move_within" ? rule.value.percent : rule.value);
}

/** What is asked for, once it can be. */
export function ruleOf({ kind, value, minutes }: Fields): Condition | null {
  if (kind === "year_high" || kind === "year_low") return { kind };
  const number = positive(value);
  if (number === null) return null;
  if (kind !== "move_within") return { kind, value: number };
  const time = minutesOf(minutes);
  return time === null ? null : { kind, value: { percent: number, minutes: time } };
}

export function minutesOf(text: string): number | null {
  const value = positive(text);
  return value !== null && Number.isInteger(value) && value <= MOVE_MINUTES_MAX ? value : null;
}

/** Whether the condition is true already. */
export function isTrueNow(rule: Condition, quote: Quote): boolean {
  const line = lineOf(rule, quote);
  if (rule.kind === "above" || rule.kind === "year_high") return line !== undefined && quote.price >= line;
  if (rule.kind === "below" || rule.kind === "year_low") return line !== undefined && quote.price <= line;
  if (rule.kind === "volume_spike") return (timesUsual(quote) ?? 0) >= rule.value;
  return rule.kind === "day_move" && Math.abs(quote.change_percent ?? 0) >= rule.value;
}

/** Why it will never fire, as far as is known. */
export function cannotFire(rule: Condition, quote: Quote): string | undefined {
  const { symbol } = quote;
  const who = { symbol, provider: provider(quote.source) };
  if (rule.kind === "volume_spike" && !quote.average_volume) return t("alert-never-volume", who);
  const isYear = rule.kind === "year_high" || rule.kind === "year_low";
  return isYear && lineOf(rule, quote) === undefined ? t("alert-never-year", who) : undefined;
}

/** What will happen, before the alert is made. */
export function preview(rule: Condition, quote: Quote): string {
  switch (rule.kind) {
    case "day_move":
      if (isTrueNow(rule, quote)) return t("alert-true-day");
      return t("alert-preview-day", { percent: percent(quote.change_percent) });
    case "move_within": {
      const [up, down] = [1, -1].map((way) => quotePrice(quote, quote.price * (1 + (way * rule.value.percent) / 100)));
      return t("alert-preview-within", { up: up ?? "", down: down ?? "" });
    }
    case "volume_spike":
      return volumePreview(rule, quote);
    default:
      return linePreview(rule, quote);
  }
}

function volumePreview(rule: Condition, quote: Quote): string {
  if (isTrueNow(rule, quote)) return t("alert-true-volume");
  const [volume, usual] = [large(quote.volume), large(quote.average_volume)];
  return t("alert-preview-volume", { times: ratio(timesUsual(quote)), volume, usual });
}

function linePreview(rule: Exclude<Condition, { kind: "day_move" | "move_within" | "volume_spike" }>, quote: Quote) {
  const line = lineOf(rule, quote);
  if (line === undefined) return "";
  if (!isTrueNow(rule, quote)) {
    return t(`alert-preview-${rule.kind}`, { ...gap(line, quote), price: quotePrice(quote, line) });
  }
  return hasLine(rule)
    ? t(`alert-true-${rule.kind}`, { price: quotePrice(quote, line) })
    : t(`alert-true-${rule.kind}`);
}

/** What to begin with: for a price a round one beyond it, in steps of 1, 2 or 5 that are a fortieth of it or less. */
export function suggestion(kind: Kind, quote: Quote): string {
  if (kind === "day_move") return "3";
  if (kind === "move_within" || kind === "volume_spike") return "2";
  if (!hasValue(kind)) return "";
  const coarse = quote.price / 40;
  const ten = 10 ** Math.floor(Math.log10(coarse));
  const step = ten * ([5, 2, 1].find((size) => size * ten <= coarse) ?? 1);
  const steps = kind === "above" ? Math.floor(quote.price / step) + 1 : Math.ceil(quote.price / step) - 1;
  // A price that stands on a step, or nearly, takes the next one.
  const near = Math.abs(steps * step - quote.price) < step / 2;
  const value = (near ? steps + (kind === "above" ? 1 : -1) : steps) * step;
  return plainNumber(value, quote.price_digits ?? 2);
}

/** When the price was last where the condition is true, from a year of days. */
export function lastThere(rule: Condition, history: History, now: Date): string | undefined {
  if (!hasLine(rule)) return undefined;
  const zone = history.time_zone;
  const there = (bar: Bar) => (rule.kind === "above" ? bar.high >= rule.value : bar.low <= rule.value);
  const bar = history.bars.findLast(there);
  if (!bar) return t("alert-never-there");
  const on = date(bar.at, zone, now);
  return on === date(now, zone, now) ? t("alert-there-today") : t("alert-there-on", { day: on });
}

export function isMove(kind: Kind): boolean {
  return kind === "day_move" || kind === "move_within";
}

/** When it fires again, if it does: what is of a day, an extremum or the volume, once a day at the most. */
export function repeatNote(kind: Kind, repeat: boolean): string {
  if (!repeat) return t("alert-once-note");
  if (isMove(kind)) return t("alert-move-note");
  return t(kind === "above" || kind === "below" ? "alert-every-time-note" : "alert-daily-note");
}

/** How long a repeated alert may stay quiet, in minutes; one that was set elsewhere among them. */
const WAITS = [0, 5, 15, 30, 60, 240, 1440];
export const WAIT_FIRST = 30;

export function waits(present: number): number[] {
  return [...new Set([...WAITS, present])].sort((one, other) => one - other);
}

export function waitText(minutes: number): string {
  if (minutes === 0) return t("wait-none");
  if (minutes % 1440 === 0) return t("wait-days", { n: minutes / 1440 });
  return minutes % 60 === 0 ? t("wait-hours", { n: minutes / 60 }) : t("wait-minutes", { n: minutes });
}
