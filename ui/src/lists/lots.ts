/** Lots as they stand in fields, and back. */

import type { Lot } from "../bindings";
import { plainNumber } from "../format";

export type LotFields = { quantity: string; cost: string; currency: string; date: string };

export const NO_LOT: LotFields = { quantity: "", cost: "", currency: "", date: "" };

export function fieldsOf({ quantity, cost, currency, date }: Lot): LotFields {
  return {
    quantity: shown(quantity),
    cost: cost == null ? "" : shown(cost),
    currency: currency ?? "",
    date: date ?? "",
  };
}

/** All digits a number has. */
function shown(value: number): string {
  return plainNumber(value, String(value).split(".")[1]?.length ?? 0);
}

/** A number as it is typed, with either decimal sign; `null` where it is none. */
function number(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  return /^\d+(\.\d*)?$|^\.\d+$/.test(plain) ? Number(plain) : null;
}

/** The lots of all rows with anything in them; `null` where one of those makes no sense. */
export function lotsOf(rows: LotFields[]): Lot[] | null {
  const filled = rows.filter((row) => row.quantity.trim() || row.cost.trim());
  const lots = filled.map(lotOf);
  return lots.some((lot) => lot === null) ? null : lots.filter((lot) => lot !== null);
}

function lotOf(row: LotFields): Lot | null {
  const quantity = number(row.quantity);
  const cost = row.cost.trim() ? number(row.cost) : undefined;
  const currency = row.currency.trim().toUpperCase();
  if (!quantity || cost === null || (currency && !/^[A-Z]{3}$/.test(currency))) return null;
  return {
    quantity,
    ...(cost === undefined ? {} : { cost }),
    ...(currency ? { currency } : {}),
    ...(row.date ? { date: row.date } : {}),
  };
}
