/** Bars as candles. Pure. */

import type { Bar } from "../bindings";

/** Colours by direction, and that of candles which are none of the regular session, or old. */
export type CandleInk = { up: string; down: string; quiet: string };
export type Candle = {
  open: number;
  high: number;
  low: number;
  close: number;
  color: string;
  borderColor: string;
  wickColor: string;
};

/** A bar whose ends lie outside its own reach, as some providers tell them, is made to hold them. */
export function candle({ open, high, low, close }: Bar, ink: CandleInk, quiet: boolean): Candle {
  const color = quiet ? ink.quiet : close >= open ? ink.up : ink.down;
  return {
    open,
    high: Math.max(high, open, close),
    low: Math.min(low, open, close),
    close,
    color,
    borderColor: color,
    wickColor: color,
  };
}
