/** Lots as they stand in fields, and back. */

import type { Lot } from "../bindings";
import { price, quantity } from "../format";
import { fieldText, positive, readAs, typed } from "../typed";

export type LotFields = { quantity: string; cost: string; currency: string; date: string };

export const NO_LOT: LotFields = { quantity: "", cost: "", currency: "", date: "" };

export function fieldsOf(lot: Lot): LotFields {
  return {
    quantity: fieldText(lot.quantity),
    cost: lot.cost == null ? "" : fieldText(lot.cost),
    currency: lot.currency ?? "",
    date: lot.date ?? "",
  };
}

/** How the numbers of a row were read, where another reader could read them otherwise. */
export function readRow(row: LotFields): string {
  return [readAs(row.quantity, quantity), readAs(row.cost, price)].filter(Boolean).join(" ");
}

/** The lots of all rows with anything in them; `null` where one of those makes no sense. */
export function lotsOf(rows: LotFields[]): Lot[] | null {
  const filled = rows.filter((row) => row.quantity.trim() || row.cost.trim());
  const lots = filled.map(lotOf);
  return lots.some((lot) => lot === null) ? null : lots.filter((lot) => lot !== null);
}

function lotOf(row: LotFields): Lot | null {
  const pieces = positive(row.quantity);
  const cost = row.cost.trim() ? typed(row.cost) : undefined;
  const currency = row.currency.trim().toUpperCase();
  if (!pieces || cost === null || (currency && !/^[A-Z]{3}$/.test(currency))) return null;
  return {
    quantity: pieces,
    ...(cost === undefined ? {} : { cost }),
    ...(currency ? { currency } : {}),
    ...(row.date ? { date: row.date } : {}),
  };
}
