/** What the menus of rows and lists offer. */

import type { App } from "../app.svelte";
import type { ExportFormat } from "../bindings";
import { t } from "../i18n.svelte";
import type { MenuItem } from "../primitives/menu";
import { COLUMNS, chosenColumns, toggled } from "../watchlist/columns";
import { GROUPINGS } from "../watchlist/groups";
import { label } from "../watchlist/label";
import { save } from "./files";

export function rowMenu(app: App, symbol: string): MenuItem[] {
  const { desk } = app;
  const listed = desk.list.symbols.includes(symbol);
  const others = desk.lists.filter((list) => list.name !== desk.list.name);
  const move = others.map(({ name }) => ({ label: label(name), run: () => void desk.moveTo(symbol, name) }));
  const add = desk.lists
    .filter((list) => !list.symbols.includes(symbol))
    .map(({ name }) => ({ label: label(name), run: () => void desk.follow(symbol, name) }));
  return [
    { label: t("open"), key: "↵", run: () => app.open(symbol) },
    { label: t("menu-alert"), key: "A", run: () => (app.overlay = { kind: "alert", symbol }) },
    { label: t("menu-note"), key: "F2", run: () => (app.overlay = { kind: "note", symbol }) },
    "line",
    ...(listed && move.length ? [{ label: t("menu-move-to"), items: move }] : []),
    ...(add.length ? [{ label: t("menu-add-to"), items: add }] : []),
    ...pin(app, symbol),
    { label: t("menu-copy"), run: () => void copy(app, symbol) },
    ...(listed ? (["line", removal(app, symbol)] as const) : []),
  ];
}

/** A browser has no tray. */
function pin(app: App, symbol: string): MenuItem[] {
  const checked = app.desk.preferences.pinned === symbol;
  const toggle = () => void app.desk.prefer({ pinned: checked ? null : symbol });
  return app.info?.desktop ? [{ label: t("menu-pin"), checked, toggle }] : [];
}

function removal(app: App, symbol: string): MenuItem {
  const run = () => void app.desk.unfollow(symbol);
  return { label: t("menu-remove"), key: t("kbd-delete"), danger: true, run };
}

export function listMenu(app: App, name: string): MenuItem[] {
  const { desk } = app;
  const at = desk.lists.findIndex((list) => list.name === name);
  const shown = chosenColumns(desk.view);
  return [
    {
      label: t("menu-columns"),
      items: COLUMNS.map((column) => ({
        label: t(`column-${column}`),
        checked: shown.includes(column),
        toggle: () => void desk.look({ columns: toggled(desk.view, column) }),
      })),
    },
    {
      label: t("menu-group"),
      chosen: desk.view.group_by ?? "none",
      options: GROUPINGS.map((id) => ({ id, label: t(`group-${id}`) })),
      choose: (id) => void desk.look({ group_by: GROUPINGS.find((by) => by === id) ?? "none" }),
    },
    "line",
    { label: t("menu-rename"), key: "F2", run: () => (app.naming = { from: name }) },
    { label: t("menu-left"), key: "Alt ←", disabled: at === 0, run: () => void desk.moveList(name, -1) },
    {
      label: t("menu-right"),
      key: "Alt →",
      disabled: at === desk.lists.length - 1,
      run: () => void desk.moveList(name, 1),
    },
    "line",
    { label: t("menu-import"), run: () => (app.overlay = { kind: "import" }) },
    {
      label: t("menu-export"),
      items: (["csv", "json"] as const).map((format) => ({
        label: t(`export-${format}`),
        run: () => void exported(app, format),
      })),
    },
    "line",
    {
      label: t("menu-remove-list"),
      danger: true,
      disabled: desk.lists.length === 1,
      run: () => void desk.removeList(name),
    },
  ];
}

export function moreLists(app: App): MenuItem[] {
  return app.desk.lists.map(({ name }) => ({
    label: label(name),
    checked: name === app.desk.list.name,
    toggle: () => {
      app.desk.current = name;
      app.menu = null;
    },
  }));
}

async function copy(app: App, symbol: string): Promise<void> {
  await navigator.clipboard.writeText(symbol);
  app.toasts.show(t("copied"));
}

async function exported(app: App, format: ExportFormat): Promise<void> {
  try {
    const text = await app.platform.exportLists(format);
    const path = await save(app.platform, `quickstocks.${format}`, text);
    if (path) app.toasts.show(t("exported", { path }));
  } catch (error) {
    app.toasts.show(`${t("export-failed")}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
