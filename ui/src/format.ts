/** The one place where a number or a time becomes text for a person (design: "Formatting"). */

import type { Condition, Kind, Quote } from "./bindings";

export const UNKNOWN = "–";
const MINUS = "\u2212";
const THIN = "\u202f";

export type Direction = "up" | "down" | "flat";

/** The reader's locale. The one called C or POSIX groups nothing, which nobody wants to read prices in. */
const LOCALE = /posix|^c$/i.test(navigator.language) ? "en" : navigator.language;

const formats = new Map<string, Intl.NumberFormat>();
function number(value: number, min: number, max = min): string {
  const key = `${min}/${max}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: min, maximumFractionDigits: max });
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

const UNITS: [number, string][] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
];

/** `412.6 K`, `40.90 M`, `3.67 T`: up to four significant digits. */
export function large(value: number | null | undefined): string {
  if (!known(value)) return UNKNOWN;
  const unit = UNITS.find(([size]) => Math.abs(value) >= size);
  if (!unit) return number(value, 0);
  const scaled = value / unit[0];
  const digits = scaled >= 100 ? 1 : 2;
  return number(scaled, digits) + THIN + unit[1];
}

export function ratio(value: number | null | undefined): string {
  return known(value) ? number(value, 2) : UNKNOWN;
}

export function count(value: number): string {
  return number(value, 0);
}

// ---- time -------------------------------------------------------------------------------------------------------

function parts(at: Date, zone: string | undefined, options: Intl.DateTimeFormatOptions): string {
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone }).format(at);
  } catch {
    return new Intl.DateTimeFormat("en-GB", options).format(at);
  }
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

function dayKey(at: Date, zone?: string | null): string {
  return parts(at, zoneOf(zone), { year: "numeric", month: "2-digit", day: "2-digit" });
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
  const sameYear = dayKey(date, zone).slice(-4) === dayKey(now, zone).slice(-4);
  const options: Intl.DateTimeFormatOptions = sameYear
    ? { weekday: "short", day: "numeric", month: "short" }
    : { day: "numeric", month: "short", year: "numeric" };
  return parts(date, zoneOf(zone), options).replace(",", "");
}

/** `30 Dec`, or `9 Aug 2022`: a date in a sentence. */
export function date(at: string | Date, zone: string | null | undefined, now: Date): string {
  return day(at, zone, now).replace(/^\D+ /, "");
}

/** `38 min ago`, minutes up to an hour, then hours, then the date. */
export function age(at: string | Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - new Date(at).getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 24 * 60 ? `${Math.floor(minutes / 60)} h ago` : day(at, null, now);
}

export function seconds(value: number): string {
  return `${Math.max(0, Math.ceil(value))} s`;
}

export function wait(value: number): string {
  return value < 90 ? seconds(value) : `${Math.round(value / 60)} min`;
}

// ---- words ------------------------------------------------------------------------------------------------------

const KINDS: Record<Kind, string> = {
  equity: "Equity",
  etf: "ETF",
  index: "Index",
  fund: "Fund",
  currency: "Currency",
  crypto: "Crypto",
  future: "Future",
  option: "Option",
  other: "Other",
};

export function kind(value: Kind): string {
  return KINDS[value];
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
  ecb: "European Central Bank",
  replay: "Replay",
  simulated: "Simulated market",
};

export function provider(name: string): string {
  return PROVIDERS[name] ?? name;
}

/** The mark of prices that are not of now: made up, or recorded. */
export function unreal(source: string | undefined): "SIMULATED" | "REPLAY" | null {
  return source === "simulated" ? "SIMULATED" : source === "replay" ? "REPLAY" : null;
}

export function delay(quote: Quote): string {
  if (quote.source === "ecb") return "reference rate";
  return quote.delay_minutes ? `delayed ${quote.delay_minutes} min` : "real time";
}

/** `above 250.00`, `−3 % today`. */
export function condition(value: Condition, digits?: number | null): string {
  if (value.kind === "day_move") return `±${number(value.value, 0, 2)}${THIN}% today`;
  return `${value.kind} ${price(value.value, digits)}`;
}

const STANDS: Record<string, string> = { halted: "no recent trade", delisted: "not traded any more" };

/** A row as a screen reader says it. */
export function spoken(quote: Quote): string {
  const moved = quote.change_percent;
  const word =
    direction(moved) === "flat" ? "unchanged" : `${moved! > 0 ? "up" : "down"} ${number(Math.abs(moved!), 2)} percent`;
  const money = `${quotePrice(quote)}${quote.currency ? ` ${quote.currency}` : ""}`;
  const mark =
    unreal(quote.source)?.toLowerCase() ?? (quote.state === "stale" ? "stale" : STANDS[quote.standstill ?? ""]);
  const made = mark ? `, ${mark}` : "";
  return `${quote.name ?? quote.symbol}, ${quote.symbol}, ${money}, ${word}${made}`;
}

/** A number as a field holds it: no grouping, the point as decimal sign. */
export function plainNumber(value: number, digits: number): string {
  return value.toFixed(digits);
}
