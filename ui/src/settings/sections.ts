/** The sections of the settings, in their order: for their own menu, and for whoever leads there. */

import type { App } from "../app.svelte";
import { t } from "../i18n.svelte";

export type Section = { id: string; name: string };

export function sections(app: App): Section[] {
  return [
    { id: "general", name: t("set-general") },
    { id: "appearance", name: t("appearance") },
    { id: "prices", name: t("set-prices") },
    { id: "alerts", name: t("set-alerts") },
    { id: "destinations", name: t("set-destinations") },
    ...(app.info?.desktop ? [{ id: "tray", name: t("tray") }] : []),
    { id: "broker", name: t("set-broker") },
    { id: "backups", name: t("backups") },
    { id: "about", name: t("about") },
  ];
}
