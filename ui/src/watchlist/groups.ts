/** The groups of a list, and what stands above them. */

import type { GroupBy, Kind, Quote } from "../bindings";
import { t } from "../i18n.svelte";
import type { Grouping } from "./layout";

export const GROUPINGS = ["none", "kind", "currency"] as const satisfies GroupBy[];

const KINDS: Kind[] = ["equity", "etf", "fund", "index", "crypto", "currency", "future", "option", "other"];
/** Of what has no quote yet. */
const UNKNOWN = "";

export function grouping(by: GroupBy, quote: (symbol: string) => Quote | undefined): Grouping | undefined {
  if (by === "none") return undefined;
  const of = (symbol: string) => quote(symbol)?.[by] ?? UNKNOWN;
  return { of, compare: (one, other) => rank(by, one) - rank(by, other) || (one < other ? -1 : 1) };
}

function rank(by: GroupBy, id: string): number {
  if (id === UNKNOWN) return KINDS.length;
  return by === "kind" ? KINDS.indexOf(id as Kind) : 0;
}

export function groupLabel(by: GroupBy, id: string): string {
  if (id === UNKNOWN) return t("group-unknown");
  return by === "kind" ? t(`group-of-${id as Kind}`) : id;
}
