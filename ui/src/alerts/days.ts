/** The alert log by day, newest first. Pure. */

import type { AlertFired, LogEntry, Silence } from "../bindings";
import { day, dayKey, type Direction } from "../format";
import { t } from "../i18n.svelte";
import { WAYS } from "./rules";

export type Day = { key: string; title: string; entries: LogEntry[] };

export function idOf({ event }: LogEntry): string {
  return "alert" in event ? event.alert.id : event.digest.id;
}

export function timeOf({ event }: LogEntry): string {
  return "alert" in event ? event.alert.fired_at : event.digest.made_at;
}

/** In the order they stand in: a clock that was set back must not tear a day apart. */
export function byDay(entries: LogEntry[], zone: string | null | undefined, now: Date): Day[] {
  const days = new Map<string, LogEntry[]>();
  for (const entry of entries) {
    const key = dayKey(new Date(timeOf(entry)), zone);
    days.set(key, [...(days.get(key) ?? []), entry]);
  }
  return [...days].map(([key, found]) => ({ key, title: titleOf(found, key, zone, now), entries: found }));
}

function titleOf(found: LogEntry[], key: string, zone: string | null | undefined, now: Date): string {
  const at = found[0] ? timeOf(found[0]) : now;
  const ago = dayNumber(dayKey(now, zone)) - dayNumber(key);
  if (ago === 0) return t("day-today", { day: day(at, zone, now) });
  return ago === 1 ? t("day-yesterday", { day: day(at, zone, now) }) : day(at, zone, now);
}

/** Days since 1970 of `24/11/2026`. */
function dayNumber(key: string): number {
  const [date = 0, month = 0, year = 0] = key.split("/").map(Number);
  return Date.UTC(year, month - 1, date) / 86_400_000;
}

/** The move that is told: within the time the rule names, else on the day. */
export function moveOf(fired: AlertFired): number | null | undefined {
  return fired.moved_percent ?? fired.change_percent;
}

/** Which way it fired. */
export function wayOf(fired: AlertFired): Direction {
  const { kind } = fired.condition;
  if (kind === "volume_spike") return "flat";
  return WAYS[kind] ?? ((moveOf(fired) ?? 0) < 0 ? "down" : "up");
}

export function silence(silent: Silence | null | undefined): string | undefined {
  return silent ? t(`silent-${silent}`) : undefined;
}
