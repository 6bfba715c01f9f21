/** What else can be done with an instrument. */

import type { App } from "../app.svelte";
import { t } from "../i18n.svelte";
import { label } from "../watchlist/label";

export type MoreItem =
  { label: string; run: () => void; key?: string } | { label: string; checked: boolean; toggle: () => void } | "line";

export function moreItems(app: App, symbol: string): MoreItem[] {
  const lists = app.desk.lists.map((list) => onList(app, symbol, list.name));
  return [...(lists.length > 1 ? [...lists, "line" as const] : []), ...pin(app, symbol), copy()];
}

function onList(app: App, symbol: string, name: string): MoreItem {
  const checked = app.desk.lists.some((list) => list.name === name && list.symbols.includes(symbol));
  const toggle = () => void (checked ? app.desk.unfollow(symbol, name) : app.desk.follow(symbol, name));
  return { label: t("more-on-list", { list: label(name) }), checked, toggle };
}

/** A browser has no tray. */
function pin(app: App, symbol: string): MoreItem[] {
  const checked = app.desk.preferences.pinned === symbol;
  const toggle = () => void app.desk.prefer({ pinned: checked ? null : symbol });
  return app.info?.desktop ? [{ label: t("more-pin"), checked, toggle }] : [];
}

/** The row below has the topic, and says that it was copied. */
function copy(): MoreItem {
  const run = () => document.querySelector<HTMLButtonElement>('[data-testid="copy-topic"]')?.click();
  return { label: t("copy-topic"), run, key: "c" };
}
