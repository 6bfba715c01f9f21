/** Two instruments in one chart: both in percent from where both begin. Pure. */

import type { Bar, History } from "../bindings";
import { reference } from "./places";

export type Together = {
  /** The bars of the first instrument from where both have prices, each with the moves so far, in percent. */
  points: { bar: Bar; own: number; other: number | undefined }[];
  /** What the first one is compared with. */
  base: number;
  /** How both moved up to the end. */
  moves: { own: number; other: number };
};

/** On which day of its exchange a bar stands: `2026-11-24`. */
function dayOf(zone: string | null | undefined): (at: string) => string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone ?? "UTC", dateStyle: "short" });
  return (at) => format.format(new Date(at));
}

const isIntraday = (history: History) => /[mh]$/.test(history.interval);

/**
 * When a bar's price was known. Within days that is its moment; a bar of a day or more stands for its date, for no two
 * exchanges open at the same time.
 */
function known(history: History): (bar: Bar) => string {
  if (isIntraday(history)) return (bar) => new Date(bar.at).toISOString();
  const day = dayOf(history.time_zone);
  return (bar) => day(bar.at);
}

/** For each bar the other's last one that was known by then. */
function beside(history: History, other: History): [Bar, Bar | undefined][] {
  const [here, there] = [known(history), known(other)];
  const others = other.bars.map((bar) => ({ bar, at: there(bar) }));
  let next = 0;
  return history.bars.map((bar) => {
    const at = here(bar);
    while (others[next] && (others[next]?.at ?? "") <= at) next += 1;
    return [bar, others[next - 1]?.bar];
  });
}

const percent = (price: number, base: number) => (price / base - 1) * 100;

/** Both from the same start; none where they never trade in the same time, or of different kinds of bars. */
export function together(history: History, other: History): Together | undefined {
  if (history.range !== other.range || isIntraday(history) !== isIntraday(other)) return undefined;
  const all = beside(history, other);
  const pairs = all.slice(all.findIndex(([, bar]) => bar !== undefined));
  const [first, firstOther] = pairs[0] ?? [];
  const [last, lastOther] = pairs.at(-1) ?? [];
  if (!first || !firstOther || !last || !lastOther) return undefined;
  // On the day both are compared with their previous closes, as everywhere else.
  const day = history.range === "1d";
  const base = (day ? reference(history) : undefined) ?? first.close;
  const otherBase = (day ? reference(other) : undefined) ?? firstOther.close;
  return {
    points: pairs.map(([bar, beside]) => ({
      bar,
      own: percent(bar.close, base),
      other: beside && percent(beside.close, otherBase),
    })),
    base,
    moves: { own: percent(last.close, base), other: percent(lastOther.close, otherBase) },
  };
}
