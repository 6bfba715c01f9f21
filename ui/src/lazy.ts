/** The parts that the first prices do without: fetched when they are opened, or before, while nobody waits. */

export const lazy = {
  alertChips: () => import("./alerts/AlertChips.svelte"),
  alerts: () => import("./alerts/AlertPanel.svelte"),
  alertTeller: () => import("./alerts/teller"),
  alertEditor: () => import("./alerts/AlertEditor.svelte"),
  barTable: () => import("./instrument/BarTable.svelte"),
  chart: () => import("./instrument/Chart.svelte"),
  columns: () => import("./watchlist/more"),
  compareLegend: () => import("./instrument/CompareLegend.svelte"),
  comparePicker: () => import("./instrument/ComparePicker.svelte"),
  files: () => import("./lists/files"),
  firstRun: () => import("./firstrun/FirstRun.svelte"),
  importFile: () => import("./lists/ImportDialog.svelte"),
  keys: () => import("./actions/Keys.svelte"),
  keyboard: () => import("./actions/keyboard"),
  login: () => import("./Login.svelte"),
  menu: () => import("./primitives/Menu.svelte"),
  menus: () => import("./lists/menus"),
  mute: () => import("./alerts/MuteChoice.svelte"),
  noBars: () => import("./instrument/NoBars.svelte"),
  notes: () => import("./lists/SymbolNotes.svelte"),
  own: () => import("./lists/Own.svelte"),
  palette: () => import("./actions/Palette.svelte"),
  presets: () => import("./instrument/Presets.svelte"),
  settings: () => import("./settings/Settings.svelte"),
  totals: () => import("./lists/Totals.svelte"),
};

/** The first screen is long drawn by then. */
const PRELOAD_AFTER_MS = 2000;

/** What cannot be fetched now is tried again when it is opened. */
export function preload(): void {
  setTimeout(() => Object.values(lazy).forEach((load) => void load().catch(() => {})), PRELOAD_AFTER_MS);
}
