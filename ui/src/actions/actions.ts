/** Everything the window does by name, in one table: the keyboard, the table of keys and the palette read it. */

import type { App } from "../app.svelte";
import type { Density, Palette, Theme } from "../bindings";
import { LANGUAGES, nameOf, t } from "../i18n.svelte";
import { RANGES } from "../instrument/ranges";
import { sections } from "../settings/sections";
import { label } from "../watchlist/label";
import { SORTS } from "../watchlist/sort";

export type Action = {
  id: string;
  name: string;
  /** Any of these does it, such as `Ctrl Shift P`; Ctrl is ⌘ on a Mac. */
  keys?: string[];
  /** Does it; what a part of the window hears itself, where it has the focus, has none. */
  run?: () => void;
  /** A menu offers it as well, and stands in the palette with all it has. */
  inMenu?: true;
  /** One of several that are alike, under one name in the table of keys. */
  family?: string;
};

const THEMES: Theme[] = ["system", "light", "dark"];
const PALETTES: Palette[] = ["western", "eastasian", "cvd"];
const DENSITIES: Density[] = ["comfortable", "compact"];
const PILLS = { percent: "sort-change", change: "column-change", cap: "column-market_cap" } as const;
const PAUSE_MS = 3_600_000;

/** What can be done now. */
export function actions(app: App): Action[] {
  return [...everywhere(app), ...instrument(app), ...list(app), ...looks(app), ...settings(app), ...HEARD()];
}

/** A choice by name: `Theme: Dark`. */
export const of = (what: string, value: string) => t("action-of", { what, value });

function everywhere(app: App): Action[] {
  return [
    { id: "search", name: t("shortcut-search"), keys: ["/", "Ctrl K"], run: () => search(app) },
    { id: "palette", name: t("palette"), keys: ["Ctrl Shift P"], run: () => (app.overlay = { kind: "palette" }) },
    { id: "keys", name: t("keys"), keys: ["?"], run: () => (app.overlay = { kind: "keys" }) },
    { id: "back", name: t("shortcut-escape"), keys: ["Esc"], inMenu: true, run: () => (app.detailOpen = false) },
    { id: "alerts", name: t("shortcut-alerts"), keys: ["l"], run: () => (app.overlay = { kind: "alerts" }) },
    { id: "retry", name: t("action-retry"), run: () => void app.platform.retryNow() },
  ];
}

function search(app: App): void {
  app.detailOpen = false;
  app.focusSearch?.();
}

function instrument(app: App): Action[] {
  const symbol = app.selected;
  if (!symbol) return [];
  const followed = app.desk.follows(symbol);
  const ranges = RANGES.map((range, at) => ({
    id: `range-${range}`,
    name: of(t("shortcut-range"), t(`range-${range}`)),
    keys: [String(at + 1)],
    family: t("shortcut-range"),
    run: () => void (app.range = range),
  }));
  return [
    {
      id: "alert",
      name: t("shortcut-alert"),
      keys: ["a"],
      inMenu: true,
      run: () => (app.overlay = { kind: "alert", symbol }),
    },
    { id: "copy", name: t("shortcut-copy"), keys: ["c"], run: copyTopic },
    ...(followed ? [] : [{ id: "follow", name: of(t("follow"), symbol), run: () => void app.desk.follow(symbol) }]),
    ...ranges,
  ];
}

function copyTopic(): void {
  document.querySelector<HTMLButtonElement>('[data-testid="copy-topic"]')?.click();
}

function list(app: App): Action[] {
  const { desk } = app;
  const { sort = "manual", reverse = false } = desk.view;
  const lists = desk.lists.map(({ name }, at) => ({
    id: `list-${name}`,
    name: of(t("shortcut-list"), label(name)),
    ...(at < 9 ? { keys: [`Ctrl ${at + 1}`] } : {}),
    family: t("shortcut-list"),
    run: () => void (desk.current = name),
  }));
  const orders = SORTS.filter((id) => id !== sort).map((id) => ({
    id: `sort-${id}`,
    name: of(t("sort-by"), t(`sort-${id}`)),
    run: () => void desk.look({ sort: id }),
  }));
  return [
    ...lists,
    { id: "list-new", name: t("list-new"), run: () => (app.naming = { from: null }) },
    ...orders,
    { id: "reverse", name: of(t("sort-by"), t("sort-reverse")), run: () => void desk.look({ reverse: !reverse }) },
  ];
}

function looks(app: App): Action[] {
  const prefer = app.desk.prefer.bind(app.desk);
  const choice = (id: string, what: string, value: string, run: () => void) => ({ id, name: of(what, value), run });
  return [
    ...THEMES.map((theme) => choice(`theme-${theme}`, t("theme"), t(`theme-${theme}`), () => void prefer({ theme }))),
    ...PALETTES.map((palette) =>
      choice(`palette-${palette}`, t("colours"), t(`palette-${palette}`), () => void prefer({ palette })),
    ),
    ...DENSITIES.map((density) =>
      choice(`density-${density}`, t("density"), t(`density-${density}`), () => void prefer({ density })),
    ),
    ...(["percent", "change", "cap"] as const).map((mode) =>
      choice(`pill-${mode}`, t("action-pill"), t(PILLS[mode]), () => (app.pill = mode)),
    ),
    ...LANGUAGES.map((language) =>
      choice(`language-${language}`, t("language"), nameOf(language), () => void prefer({ language })),
    ),
  ];
}

function settings(app: App): Action[] {
  const { alerts_paused_until: until } = app.desk.preferences;
  const paused = until != null && app.now < new Date(until);
  const end = paused ? null : new Date(Date.now() + PAUSE_MS).toISOString();
  return [
    { id: "settings", name: t("settings"), keys: ["Ctrl ,"], run: () => (app.overlay = { kind: "settings" }) },
    ...sections(app).map(({ id, name }) => ({
      id: `settings-${id}`,
      name: of(t("settings"), name),
      run: () => void (app.overlay = { kind: "settings", section: id }),
    })),
    {
      id: "pause",
      name: of(t("alerts"), t(paused ? "pause-resume" : "pause-start")),
      run: () => void app.desk.prefer({ alerts_paused_until: end }),
    },
  ];
}

/** Keys that a part of the window hears while it has the focus. */
const HEARD = (): Action[] => [
  { id: "row", name: t("shortcut-row"), keys: ["↑", "↓", "j", "k"] },
  { id: "row-open", name: t("shortcut-open"), keys: ["Enter"] },
  { id: "row-open-only", name: t("shortcut-open-only"), keys: ["Shift Enter"] },
  { id: "row-move", name: t("shortcut-move"), keys: ["Alt ↑", "Alt ↓"] },
  { id: "row-remove", name: t("shortcut-remove"), keys: ["Delete"] },
  { id: "row-note", name: t("shortcut-note"), keys: ["F2"] },
  { id: "menu", name: t("shortcut-menu"), keys: ["Shift F10"] },
  { id: "list-move", name: t("shortcut-move-list"), keys: ["Alt ←", "Alt →"] },
  { id: "crosshair", name: t("shortcut-crosshair"), keys: ["←", "→"] },
];
