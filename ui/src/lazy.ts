/** The parts that the first prices do without: fetched when they are opened, or before, while nobody waits. */

export const lazy = {
  alerts: () => import("./alerts/AlertPanel.svelte"),
  alertTeller: () => import("./alerts/teller"),
  alertEditor: () => import("./alerts/AlertEditor.svelte"),
  barTable: () => import("./instrument/BarTable.svelte"),
  compareLegend: () => import("./instrument/CompareLegend.svelte"),
  comparePicker: () => import("./instrument/ComparePicker.svelte"),
  firstRun: () => import("./firstrun/FirstRun.svelte"),
  keys: () => import("./settings/Keys.svelte"),
  login: () => import("./Login.svelte"),
  mute: () => import("./alerts/MuteChoice.svelte"),
  more: () => import("./instrument/More.svelte"),
  noBars: () => import("./instrument/NoBars.svelte"),
  presets: () => import("./instrument/Presets.svelte"),
  settings: () => import("./settings/Settings.svelte"),
};

/** The first screen is long drawn by then. */
const PRELOAD_AFTER_MS = 2000;

/** What cannot be fetched now is tried again when it is opened. */
export function preload(): void {
  setTimeout(() => Object.values(lazy).forEach((load) => void load().catch(() => {})), PRELOAD_AFTER_MS);
}
