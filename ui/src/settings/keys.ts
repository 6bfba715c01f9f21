/** The keyboard of the whole window. */

import type { App } from "../app.svelte";
import type { Range } from "../bindings";
import { RANGES } from "../instrument/ranges";

export type KeyActions = { search: () => void; range: (range: Range) => void; copyTopic: () => void };

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, select, textarea, [contenteditable]") !== null;
}

/** Does what a key stands for; says whether it stood for anything. */
export function press(event: KeyboardEvent, app: App, actions: KeyActions): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (command) return commandKey(event, app, actions);
  if (typing(event.target) || app.overlay || event.altKey) return false;
  const range = RANGES[Number(event.key) - 1];
  if (event.key === "/") actions.search();
  else if (event.key === "?") app.overlay = { kind: "keys" };
  else if (event.key === "a" && app.selected) app.overlay = { kind: "alert", symbol: app.selected };
  else if (event.key === "l") app.overlay = { kind: "alerts" };
  else if (event.key === "c" && app.selected) actions.copyTopic();
  else if (event.key === "Escape") app.detailOpen = false;
  else if (range) actions.range(range);
  else return false;
  return true;
}

function commandKey(event: KeyboardEvent, app: App, actions: KeyActions): boolean {
  const list = app.desk.lists[Number(event.key) - 1];
  if (event.key === "k") actions.search();
  else if (event.key === ",") app.overlay = { kind: "settings" };
  else if (list) app.desk.current = list.name;
  else return false;
  return true;
}
