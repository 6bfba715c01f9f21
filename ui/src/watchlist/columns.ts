/** What stands beside a symbol, and how much of it there is room for. */

import type { Column, ListView } from "../bindings";

/** What a user can choose; price and move always stand there. */
export const COLUMNS = [
  "spark",
  "change",
  "extended",
  "volume",
  "market_cap",
  "day_range",
  "year_range",
  "pe_ratio",
  "dividend_yield",
] as const satisfies Column[];
export type Chosen = (typeof COLUMNS)[number];

const WIDTHS: Record<Chosen, number> = {
  spark: 60,
  change: 68,
  extended: 104,
  volume: 66,
  market_cap: 66,
  day_range: 88,
  year_range: 88,
  pe_ratio: 52,
  dividend_yield: 60,
};
const GAP = 8;
/** Room around a row, a short name, price and pill. */
const ALWAYS = 28 + 56 + 84 + 86;
/** As wide as a name that is read with ease. */
const NAME = 76;
/** What the instrument beside the list needs. */
const DETAIL = 780;

/** The chosen columns in their order; the day's course where nobody chose. */
export function chosenColumns(view: ListView): Chosen[] {
  const chosen: Column[] = view.columns?.length ? view.columns : ["spark"];
  return COLUMNS.filter((column) => chosen.includes(column));
}

/** With a column more or less. `price` stands for a choice of nothing else. */
export function toggled(view: ListView, column: Chosen): Column[] {
  const chosen = chosenColumns(view);
  const next = chosen.includes(column) ? chosen.filter((one) => one !== column) : [...chosen, column];
  return ["price", ...next];
}

const room = (columns: Chosen[]) => columns.reduce((sum, column) => sum + WIDTHS[column] + GAP, 0);

/** As many of the columns as there is room for, first things first. */
export function fitting(columns: Chosen[], window: number): Chosen[] {
  let left = sideWidth(columns, window) - ALWAYS;
  return columns.filter((column) => {
    // On the narrowest screens a name is worth more than a line.
    if (column === "spark" && window < 420) return false;
    const needed = WIDTHS[column] + GAP;
    if (needed > left) return false;
    left -= needed;
    return true;
  });
}

const BASE_MEDIUM = 336;
const BASE = 372;
const BASE_WIDE = 400;
const RAIL = 312;

/** How wide the list is in a window of this width: as its columns need, and as the instrument beside it allows. */
export function sideWidth(columns: Chosen[], window: number): number {
  if (window < 800) return window;
  const base = window >= 1600 ? BASE_WIDE : window >= 1280 ? BASE : BASE_MEDIUM;
  const free = window - DETAIL - (window >= 1600 ? RAIL : 0);
  const only = columns.every((column) => column === "spark");
  const needed = only ? base : ALWAYS + NAME + room(columns);
  return Math.max(base, Math.min(needed, free));
}

/** The columns of a row's grid. */
export function gridOf(columns: Chosen[]): string {
  return `minmax(0, 1fr) ${columns.map((column) => `${WIDTHS[column]}px `).join("")}minmax(76px, max-content) 78px`;
}
