/** Where the rows of a list are, and which of them are in view: all are of one height, so nothing is measured. */

export type Row = { kind: "row"; id: string; at: number; top: number };
export type Item = { kind: "group"; id: string; count: number; top: number } | Row;

export type Layout = { items: Item[]; height: number; order: string[] };

/** The height of the line above each group. */
export const GROUP_HEIGHT = 28;
/** Rows drawn beyond each edge, so that scrolling shows none too late. */
const BEYOND = 6;

/** Rows under each other; in groups where a row says which it is of, those in the order of `groups`. */
export function layout(symbols: string[], rowHeight: number, group?: Grouping): Layout {
  const items: Item[] = [];
  const order: string[] = [];
  let top = 0;
  const row = (symbol: string) => {
    items.push({ kind: "row", id: symbol, at: order.length, top });
    order.push(symbol);
    top += rowHeight;
  };
  if (!group) symbols.forEach(row);
  else {
    for (const [id, members] of grouped(symbols, group)) {
      items.push({ kind: "group", id, count: members.length, top });
      top += GROUP_HEIGHT;
      members.forEach(row);
    }
  }
  return { items, height: top, order };
}

export type Grouping = { of: (symbol: string) => string; compare: (one: string, other: string) => number };

function grouped(symbols: string[], { of, compare }: Grouping): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const symbol of symbols) {
    const id = of(symbol);
    const members = groups.get(id);
    if (members) members.push(symbol);
    else groups.set(id, [symbol]);
  }
  return [...groups].sort(([one], [other]) => compare(one, other));
}

/** The first and the last item but one that are drawn while this much is in view. */
export function inView({ items }: Layout, top: number, bottom: number): [number, number] {
  return [Math.max(0, firstBelow(items, top) - 1 - BEYOND), Math.min(items.length, firstBelow(items, bottom) + BEYOND)];
}

/** The first item that begins below a line. */
function firstBelow(items: Item[], line: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.top ?? 0) > line) high = middle;
    else low = middle + 1;
  }
  return low;
}
