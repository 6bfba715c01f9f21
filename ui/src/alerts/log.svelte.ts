/** What fired, as the engine wrote it down. Asked for anew whenever it changed, here or elsewhere. */

import type { LogEntry, LogSummary } from "../bindings";
import type { Platform } from "../platform/platform";

export class AlertLog {
  /** Newest first. */
  entries: LogEntry[] = $state.raw([]);
  unread = $state(0);
  loaded = $state(false);
  /** When each alert fired last, by its id: stays when the log is cleared. */
  private last: ReadonlyMap<string, string> = $state.raw(new Map());
  private turn = 0;

  constructor(private readonly platform: Platform) {}

  hear(summary: LogSummary): void {
    this.unread = summary.unread;
    void this.load();
  }

  /** What comes late is dropped: it is older. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    const entries = await this.platform.alertLog().catch(() => null);
    if (!entries || turn !== this.turn) return;
    this.entries = entries;
    this.unread = entries.filter(({ read }) => !read).length;
    const fired = entries.toReversed().flatMap(({ event }) => ("alert" in event ? [event.alert] : []));
    this.last = new Map([...this.last, ...fired.map(({ alert_id, fired_at }) => [alert_id, fired_at] as const)]);
    this.loaded = true;
  }

  firedAt(id: string): string | undefined {
    return this.last.get(id);
  }

  async readAll(): Promise<void> {
    await this.platform.markAllRead();
    this.unread = 0;
  }

  async clear(): Promise<void> {
    await this.platform.clearAlertLog();
    this.turn += 1;
    this.entries = [];
    this.unread = 0;
  }
}
