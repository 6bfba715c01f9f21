import { t } from "../i18n.svelte";

/** What a list is called on the screen: the one everybody begins with has a name only for machines. */
export function label(list: string): string {
  return list === "default" ? t("list-main") : list;
}
