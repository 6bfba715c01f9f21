/** The one place where a number or a time becomes text for a person (design: "Formatting"). */

import type { Condition, Kind, Quote } from "./bindings";
import { locale, t } from "./i18n.svelte";

export const UNKNOWN = "–";
const MINUS = "\u2212";
const THIN = "\u202f";

export type Direction = "up" | "down" | "flat";

const formats = new Map<string, Intl.NumberFormat>();
function number(value: number, min: number, max = min): string {
  const key = `${locale()}/${min}/${max}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale(), { minimumFractionDigits: min, maximumFractionDigits: max });
    formats.set(key, format);
  }
  return format.format(value).replace("-", MINUS);
}

function known(value: number | null | undefined): value is number {
  return value != null && Number.isFinite(value);
}

/** Digits after the decimal sign for a price that comes without them. */
function digitsFor(price: number, kind?: Kind): number {
  const size = Math.abs(price);
  if (kind === "currency") return size >= 20 ? 3 : 5;
  if (size >= 1 || size === 0) return 2;
  if (size >= 0.01) return 4;
  return Math.min(12, 3 - Math.floor(Math.log10(size)));
}

export function price(value: number | null | undefined, digits?: number | null, kind?: Kind): string {
  if (!known(value)) return UNKNOWN;
  return number(value, digits ?? digitsFor(value, kind));
}

/** A price of a quote with its digits: its own price where no other is asked for; one that is not known stays so. */
export function quotePrice(quote: Quote, ...other: [value?: number | null | undefined]): string {
  const value = other.length ? other[0] : quote.price;
  return price(value, quote.price_digits, quote.kind);
}

/** The sign stands before the digits, a plus is written, and zero has none. */
function signed(value: number, text: (size: number) => string): string {
  const size = text(Math.abs(value));
  if (!/[1-9]/.test(size)) return size;
  return (value < 0 ? MINUS : "+") + size;
}

export function change(value: number | null | undefined, digits: number): string {
  return known(value) ? signed(value, (size) => number(size, digits)) : UNKNOWN;
}

export function quoteChange(quote: Quote): string {
  return change(quote.change, quote.price_digits ?? digitsFor(quote.price, quote.kind));
}

/** `+1.27 %`; from 1,000 on without digits; what is not zero never reads as zero without its direction. */
export function percent(value: number | null | undefined): string {
  if (!known(value)) return UNKNOWN;
  const digits = Math.abs(value) >= 1000 ? 0 : 2;
  return signed(value, (size) => number(size, digits)) + THIN + "%";
}

export function plainPercent(value: number | null | undefined): string {
  return known(value) ? number(value, 2) + THIN + "%" : UNKNOWN;
}

/** What rounds to zero is flat. */
export function direction(value: number | null | undefined): Direction {
  if (!known(value) || Math.abs(value) < 0.005) return "flat";
  return value > 0 ? "up" : "down";
}

const UNITS = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
  [1e3, "thousand"],
] as const;

/** `412.6 K`, `40.90 M`, `3.67 T`: up to four significant digits. */
export function large(value: number | null | undefined): string {
  if (!known(value)) return UNKNOWN;
  const unit = UNITS.find(([size]) => Math.abs(value) >= size);
  if (!unit) return number(value, 0);
  const scaled = value / unit[0];
  const digits = scaled >= 100 ? 1 : 2;
  return number(scaled, digits) + THIN + t(`unit-${unit[1]}`);
}

export function ratio(value: number | null | undefined): string {
  return known(value) ? number(value, 2) : UNKNOWN;
}

export function count(value: number): string {
  return number(value, 0);
}

/** Pieces: all digits there are, and no more. */
export function quantity(value: number): string {
  return number(value, 0, 12);
}

// ---- time -------------------------------------------------------------------------------------------------------

/** In English the day stands before the month, wherever the reader is (design). */
const dates = () => (locale().startsWith("en") ? "en-GB" : locale());

/** Made once each: to make one takes a hundred times as long as to use it. A zone that is not known is the reader's. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();
/** Zones are named by vendors; more than there are is nobody's list. */
const DATE_FORMATS_MAX = 500;
function dateFormat(names: string, zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${names}/${zone}/${JSON.stringify(options)}`;
  let made = dateFormats.get(key);
  if (!made) {
    if (dateFormats.size >= DATE_FORMATS_MAX) dateFormats.clear();
    try {
      made = new Intl.DateTimeFormat(names, { ...options, timeZone: zone });
    } catch {
      made = new Intl.DateTimeFormat(names, options);
    }
    dateFormats.set(key, made);
  }
  return made;
}

function parts(at: Date, zone: string | undefined, options: Intl.DateTimeFormatOptions, names = dates()): string {
  return dateFormat(names, zone, options).format(at);
}

function zoneOf(zone: string | null | undefined): string | undefined {
  return zone || undefined;
}

export function time(at: string | Date, zone?: string | null, seconds = false): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (seconds) options.second = "2-digit";
  return parts(new Date(at), zoneOf(zone), options);
}

/** `ET`, `CET`, `GMT+9`: the short name of a zone at a time. */
export function zoneName(at: string | Date, zone?: string | null): string {
  if (!zone) return "";
  try {
    const made = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "shortGeneric" });
    const name = made.formatToParts(new Date(at)).find((part) => part.type === "timeZoneName")?.value ?? "";
    if (name === "GMT+0") return "UTC";
    return name.length <= 6 ? name : shortOffset(at, zone);
  } catch {
    return "";
  }
}

function shortOffset(at: string | Date, zone: string): string {
  const made = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "short" });
  return made.formatToParts(new Date(at)).find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** `24/11/2026`: the calendar day in a zone, for comparing. */
export function dayKey(at: Date, zone?: string | null): string {
  return parts(at, zoneOf(zone), { year: "numeric", month: "2-digit", day: "2-digit" }, "en-GB");
}

/** `07:30`: the time of day in a zone, for comparing. */
export function clock(at: Date, zone?: string | null): string {
  return parts(at, zoneOf(zone), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, "en-GB");
}

/** The time of today, `Fri 16:00` within a week, `Fri 14 Feb`, or `9 Aug 2022`. */
export function moment(at: string | Date, zone: string | null | undefined, now: Date, seconds = false): string {
  const date = new Date(at);
  const days = (now.getTime() - date.getTime()) / 86_400_000;
  if (dayKey(date, zone) === dayKey(now, zone)) return time(date, zone, seconds);
  if (days < 6) return `${parts(date, zoneOf(zone), { weekday: "short" })} ${time(date, zone)}`;
  return day(date, zone, now);
}

export function day(at: string | Date, zone: string | null | undefined, now: Date): string {
  const date = new Date(at);
  if (!isSameYear(date, zone, now)) return dayOf(date, zone, { year: "numeric" });
  // A point of the short weekday is one too many beside that of the day.
  return dayOf(date, zone, { weekday: "short" }).replace(/\.?,/, "");
}

function isSameYear(date: Date, zone: string | null | undefined, now: Date): boolean {
  return dayKey(date, zone).slice(-4) === dayKey(now, zone).slice(-4);
}

function dayOf(date: Date, zone: string | null | undefined, more: Intl.DateTimeFormatOptions): string {
  return parts(date, zoneOf(zone), { day: "numeric", month: "short", ...more });
}

/** `30 Dec`, or `9 Aug 2022`: a date in a sentence. */
export function date(at: string | Date, zone: string | null | undefined, now: Date): string {
  const date = new Date(at);
  return dayOf(date, zone, isSameYear(date, zone, now) ? {} : { year: "numeric" });
}

/** `38 min ago`, minutes up to an hour, then hours, then the date. */
export function age(at: string | Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - new Date(at).getTime()) / 60_000);
  if (minutes < 1) return t("age-now");
  if (minutes < 60) return t("age-minutes", { n: minutes });
  return minutes < 24 * 60 ? t("age-hours", { n: Math.floor(minutes / 60) }) : day(at, null, now);
}

export function seconds(value: number): string {
  return `${Math.max(0, Math.ceil(value))} s`;
}

export function wait(value: number): string {
  if (value < 90) return seconds(value);
  return value < 90 * 60 ? `${Math.round(value / 60)} min` : `${Math.round(value / 3600)} h`;
}

// ---- words ------------------------------------------------------------------------------------------------------

export function kind(value: Kind): string {
  return t(`kind-${value}`);
}

/** Forms of a company that its name can do without. Longer ones stand before those they end in. */
const FORMS =
  /[,\s]+(& co|public limited company|incorporated|inc|corporation|corp|company|co|limited|ltd|plc|s\.?a|n\.?v|s\.?e|ag)\.?$/i;

/** `Apple` for `Apple Inc.`: a name where room is short. */
export function shortName(name: string | null | undefined): string {
  let short = name?.trim() ?? "";
  while (FORMS.test(short)) short = short.replace(FORMS, "");
  return short;
}

const PROVIDERS: Record<string, string> = {
  auto: "Yahoo Finance",
  yahoo: "Yahoo Finance",
  coinbase: "Coinbase",
  binance: "Binance",
  finnhub: "Finnhub",
};

export function provider(name: string): string {
  if (name === "ecb" || name === "replay" || name === "simulated") return t(`provider-${name}`);
  if (name.startsWith("feed:")) return t("provider-own");
  return PROVIDERS[name] ?? name;
}

/** Prices that are not of now: made up, or recorded. */
export function unreal(source: string | undefined): "simulated" | "replay" | null {
  return source === "simulated" || source === "replay" ? source : null;
}

export function delay(quote: Quote): string {
  if (quote.source === "ecb") return t("reference-rate");
  return quote.delay_minutes ? t("feed-delayed", { minutes: quote.delay_minutes }) : t("feed-real-time");
}

/** `±3 % today`. */
export function dayMove(size: number): string {
  return t("alert-day-move", { percent: number(size, 0, 2) + THIN + "%" });
}

/** `above 250.00`, `±3 % today`. */
export function condition(value: Condition, digits?: number | null): string {
  switch (value.kind) {
    case "day_move":
      return dayMove(value.value);
    case "move_within":
      return t("alert-move-within", {
        percent: number(value.value.percent, 0, 2) + THIN + "%",
        minutes: value.value.minutes,
      });
    case "year_high":
      return t("alert-year-high");
    case "year_low":
      return t("alert-year-low");
    case "volume_spike":
      return t("alert-volume-spike", { times: number(value.value, 0, 2) });
    default:
      return t(`alert-${value.kind}`, { price: price(value.value, digits) });
  }
}

/** A row as a screen reader says it. */
export function spoken(quote: Quote): string {
  const money = `${quotePrice(quote)}${quote.currency ? ` ${quote.currency}` : ""}`;
  const mark = unreal(quote.source) ?? (quote.state === "stale" ? "stale" : quote.standstill);
  const said = [quote.name ?? quote.symbol, quote.symbol, money, spokenMove(quote.change_percent)];
  return [...said, ...(mark ? [t(`spoken-${mark}`)] : [])].join(", ");
}

function spokenMove(moved: number | null | undefined): string {
  const way = direction(moved);
  return way === "flat" ? t("spoken-unchanged") : t(`spoken-${way}`, { percent: number(Math.abs(moved ?? 0), 2) });
}

/** The signs with which the reader's numbers are written. */
export function signs(): { decimal: string; group: string } {
  // Some languages group from five digits on only.
  const written = new Intl.NumberFormat(locale()).formatToParts(12345.6);
  const sign = (wanted: string) => written.find(({ type }) => type === wanted)?.value;
  return { decimal: sign("decimal") ?? ".", group: sign("group") ?? "" };
}

/** A number as a field holds it: no grouping, so that it is read back in whatever language. */
export function plainNumber(value: number, digits: number): string {
  return value.toFixed(digits).replace(".", signs().decimal);
}
