/** What the palette offers: the actions, what the menus of the row and the list hold, and every symbol that is followed. */

import { untrack } from "svelte";
import type { App } from "../app.svelte";
import { t } from "../i18n.svelte";
import { listMenu, rowMenu } from "../lists/menus";
import type { MenuItem } from "../primitives/menu";
import { label } from "../watchlist/label";
import { actions, of } from "./actions";

export type Entry = { name: string; keys: string[]; run: () => void };

/** As things stand when it is opened: prices that come meanwhile change nothing here. */
export function entries(app: App): Entry[] {
  return untrack(() => [...own(app), ...menus(app), ...symbols(app)]);
}

function own(app: App): Entry[] {
  return actions(app).flatMap(({ id, name, keys = [], run, inMenu }) =>
    run && !inMenu && id !== "palette" ? [{ name, keys, run }] : [],
  );
}

function menus(app: App): Entry[] {
  const symbol = app.selected;
  const list = app.desk.list.name;
  return [...(symbol ? flat(rowMenu(app, symbol), symbol) : []), ...flat(listMenu(app, list), label(list))];
}

/** The leaves of a menu, each with the way to it. */
function flat(items: MenuItem[], above: string): Entry[] {
  return items.flatMap((item): Entry[] => {
    if (item === "line") return [];
    const name = of(above, item.label);
    if ("items" in item) return flat(item.items, name);
    if ("options" in item)
      return item.options.map(({ id, label }) => ({ name: of(name, label), keys: [], run: () => item.choose(id) }));
    if ("toggle" in item) return [{ name, keys: [], run: item.toggle }];
    return item.disabled ? [] : [{ name, keys: item.key ? [item.key] : [], run: item.run }];
  });
}

function symbols(app: App): Entry[] {
  const followed = new Set(app.desk.lists.flatMap((list) => list.symbols));
  return [...followed].map((symbol) => {
    const name = app.book.notes[symbol]?.alias || app.quotes.get(symbol)?.name;
    return { name: of(t("open"), name ? `${symbol} · ${name}` : symbol), keys: [], run: () => app.open(symbol) };
  });
}
