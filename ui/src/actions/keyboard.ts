/** The keyboard of the whole window: which key is pressed, what it does, and what it is called. */

import type { App } from "../app.svelte";
import { t } from "../i18n.svelte";
import { actions, type Action } from "./actions";

/** A key as the table writes it: `Ctrl Shift P`, `Esc`, `?`. */
export function pressed(event: KeyboardEvent): string {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key === "Escape" ? "Esc" : command ? event.key.toUpperCase() : event.key;
  // What Shift makes of a key is in its name already, but for letters of commands.
  const shift = event.shiftKey && command;
  return [command && "Ctrl", event.altKey && "Alt", shift && "Shift", key].filter(Boolean).join(" ");
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, select, textarea, [contenteditable]") !== null;
}

/** Does what a key stands for; says whether it stood for anything. */
export function press(event: KeyboardEvent, app: App): boolean {
  const key = pressed(event);
  const command = key.startsWith("Ctrl ");
  if (!command && (typing(event.target) || app.overlay || app.menu)) return false;
  const action = actions(app).find(({ keys, run }) => run && keys?.includes(key));
  // Whatever is open stays so, but for what replaces it.
  if (!action || (app.overlay && !OVER.has(action.id))) return false;
  action.run?.();
  return true;
}

/** What may take the place of what is open. */
const OVER = new Set(["settings", "palette"]);

/** A key as the reader's keyboard names it. */
export function keyName(key: string): string {
  const mac = /^Mac/.test(navigator.platform);
  return key
    .replace("Ctrl", mac ? "⌘" : t("kbd-ctrl"))
    .replace("Shift", mac ? "⇧" : t("kbd-shift"))
    .replace("Alt", mac ? "⌥" : "Alt")
    .replace("Delete", t("kbd-delete"));
}

export type KeyLine = { name: string; keys: string[] };

/** The table of keys: those that are alike on one line, from the first to the last. */
export function keyTable(app: App): KeyLine[] {
  const lines = new Map<string, Action[]>();
  for (const action of actions(app).filter(({ keys }) => keys)) {
    const name = action.family ?? action.name;
    lines.set(name, [...(lines.get(name) ?? []), action]);
  }
  return [...lines].map(([name, alike]) => ({
    name,
    keys: span(
      alike.flatMap(({ keys = [] }) => keys),
      alike.length,
    ),
  }));
}

function span(keys: string[], actions: number): string[] {
  const named = keys.map(keyName);
  return actions > 2 ? [named[0] ?? "", "…", named.at(-1) ?? ""] : named;
}
