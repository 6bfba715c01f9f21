/** What an alert means for a quote, in words. Pure. */

import type { Alert, Bar, Condition, History, Quote } from "../bindings";
import { condition, date, percent, plainNumber, price, quotePrice } from "../format";
import { t } from "../i18n.svelte";

/** A condition that a price meets at a line. */
type Line = Extract<Condition, { kind: "above" | "below" }>;

export function hasLine(rule: Condition): rule is Line {
  return rule.kind === "above" || rule.kind === "below";
}

/** How far a price has to go, such as `5.40 away (+2.21 %)`. */
export function distance(rule: Condition, quote: Quote | undefined): string {
  if (!quote) return "";
  if (rule.kind === "day_move") {
    return quote.change_percent == null ? "" : t("alert-now", { percent: percent(quote.change_percent) });
  }
  return hasLine(rule) ? t("alert-away", gap(rule, quote)) : "";
}

/** What lies between the price and the value. */
function gap(rule: Line, quote: Quote): { distance: string; percent: string } {
  const away = rule.value - quote.price;
  return { distance: price(Math.abs(away), quote.price_digits), percent: percent((away / quote.price) * 100) };
}

/** Whether the condition is true already. */
export function isTrueNow(rule: Condition, quote: Quote): boolean {
  if (rule.kind === "above") return quote.price >= rule.value;
  if (rule.kind === "below") return quote.price <= rule.value;
  return rule.kind === "day_move" && Math.abs(quote.change_percent ?? 0) >= rule.value;
}

/** What will happen, before the alert is made. */
export function preview(rule: Condition, quote: Quote): string {
  if (!isTrueNow(rule, quote)) {
    if (rule.kind === "day_move") return t("alert-preview-day", { percent: percent(quote.change_percent) });
    return hasLine(rule) ? t(`alert-preview-${rule.kind}`, gap(rule, quote)) : "";
  }
  if (rule.kind === "day_move") return t("alert-true-day");
  return hasLine(rule) ? t(`alert-true-${rule.kind}`, { price: quotePrice(quote, rule.value) }) : "";
}

export type ChipState = "armed" | "fired" | "paused" | "off";

/** Whether an alert can fire now. */
export function chipState(
  alert: Alert,
  quote: Quote | undefined,
  simulatedStandIn: boolean,
  pausedUntil: Date | null,
  now: Date,
): ChipState {
  if (!alert.enabled) return "fired";
  if (simulatedStandIn) return "off";
  if ((pausedUntil && now < pausedUntil) || quote?.state === "stale") return "paused";
  return "armed";
}

export function chipText(alert: Alert, quote: Quote | undefined): string {
  return condition(alert.condition, quote?.price_digits);
}

/** A number as people type it: with a decimal comma, thousands grouped, or a currency behind it. */
export function typed(text: string): number | null {
  const bare = text.replace(/[\s\u00a0\u202f']/g, "").replace(/[^\d.,-]/g, "");
  const decimal = Math.max(bare.lastIndexOf("."), bare.lastIndexOf(","));
  const grouped = /^\d{1,3}([.,]\d{3})+$/.test(bare) && bare.indexOf(bare[decimal] ?? "") !== decimal;
  const whole = decimal < 0 || grouped ? bare.replace(/[.,]/g, "") : bare.slice(0, decimal).replace(/[.,]/g, "");
  const value = Number(decimal < 0 || grouped ? whole : `${whole}.${bare.slice(decimal + 1)}`);
  return bare && Number.isFinite(value) && value > 0 ? value : null;
}

/** A round value beyond the price, to begin with: in steps of 1, 2 or 5 that are a fortieth of the price or less. */
export function suggestion(kind: Condition["kind"], quote: Quote): string {
  if (kind === "day_move") return "3";
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
