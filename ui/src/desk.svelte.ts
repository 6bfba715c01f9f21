/** What the user has: lists, alerts, preferences. Shows an edit at once and takes it back where it was refused. */

import type { Alert, AlertDraft, ListView, MuteFor, Preferences, Watchlist } from "./bindings";
import { t } from "./i18n.svelte";
import type { Platform } from "./platform/platform";
import type { Toasts } from "./toasts.svelte";
import { label } from "./watchlist/label";

export class Desk {
  /** Replaced, never changed: a list may have thousands of symbols. */
  lists: Watchlist[] = $state.raw([]);
  alerts: Alert[] = $state([]);
  preferences: Preferences = $state({});
  loaded = $state(false);
  /** As the desk has them, the changes on their way there, and when the last of those has arrived. */
  private kept: Preferences = {};
  private changes: Preferences[] = [];
  private changed: Promise<unknown> = Promise.resolve();
  /** Which list is shown. */
  current = $state("default");
  /** What lists were called before, for who wants something back. */
  private readonly renamed = new Map<string, string>();

  constructor(
    private readonly platform: Platform,
    private readonly toasts: Toasts,
  ) {}

  get list(): Watchlist {
    return this.lists.find((list) => list.name === this.current) ?? this.lists[0] ?? { name: "default", symbols: [] };
  }

  /** How the list is looked at. */
  get view(): ListView {
    return this.list.view ?? {};
  }

  follows(symbol: string): boolean {
    return this.lists.some((list) => list.symbols.includes(symbol));
  }

  alertsOf(symbol: string): Alert[] {
    return this.alerts.filter((alert) => alert.symbol === symbol);
  }

  async load(): Promise<void> {
    const { platform } = this;
    const [lists, alerts, preferences] = await Promise.all([
      platform.watchlists(),
      platform.alerts(),
      platform.preferences(),
    ]);
    this.lists = lists;
    this.alerts = alerts;
    this.takePreferences(preferences);
    this.loaded = true;
  }

  /** Somebody changed the lists, here or elsewhere. */
  replaceLists(lists: Watchlist[]): void {
    this.lists = lists;
  }

  async reloadAlerts(): Promise<void> {
    this.alerts = await this.platform.alerts();
  }

  follow(symbol: string, list = this.list.name): Promise<boolean> {
    return this.edit(
      () => this.change(list, (symbols) => (symbols.includes(symbol) ? symbols : [...symbols, symbol])),
      () => this.platform.follow(list, symbol),
      t("follow-failed", { symbol }),
    );
  }

  /** Removes from one list, with a way back to the very place. */
  async unfollow(symbol: string, list = this.list.name): Promise<void> {
    const at = this.lists.find((l) => l.name === list)?.symbols.indexOf(symbol) ?? -1;
    const done = await this.edit(
      () => this.change(list, (symbols) => symbols.filter((s) => s !== symbol)),
      () => this.platform.unfollow(list, symbol),
      t("unfollow-failed", { symbol }),
    );
    if (done && at >= 0) this.undoable(t("unfollowed", { symbol }), () => void this.putBack(symbol, list, at));
  }

  /** Into the list as it is by now, whatever it is called by now. */
  private async putBack(symbol: string, name: string, at: number): Promise<void> {
    const list = this.lists.find((l) => l.name === name) ?? this.lists.find((l) => l.name === this.renamed.get(name));
    if (!list) this.toasts.show(t("follow-failed", { symbol }));
    else if (!list.symbols.includes(symbol)) await this.order(list.symbols.toSpliced(at, 0, symbol), list.name);
  }

  order(symbols: string[], list = this.list.name): Promise<boolean> {
    const order = $state.snapshot(symbols);
    return this.edit(
      () => this.change(list, () => order),
      () => this.platform.putWatchlist({ name: list, symbols: order }),
      t("order-failed"),
    );
  }

  look(change: ListView): Promise<boolean> {
    const { name } = this.list;
    const view = { ...this.view, ...change };
    return this.edit(
      () => (this.lists = this.lists.map((l) => (l.name === name ? { ...l, view } : l))),
      () => this.platform.setView(name, view),
      t("view-failed"),
    );
  }

  /** To another list, with a way back to the very place. */
  async moveTo(symbol: string, to: string, from = this.list.name): Promise<void> {
    const at = this.lists.find((l) => l.name === from)?.symbols.indexOf(symbol) ?? -1;
    const there = this.lists.find((l) => l.name === to)?.symbols.includes(symbol);
    if (from === to || at < 0) return;
    const done = await this.edit(
      () => {
        this.change(from, (symbols) => symbols.filter((s) => s !== symbol));
        this.change(to, (symbols) => (symbols.includes(symbol) ? symbols : [...symbols, symbol]));
      },
      () => this.platform.moveSymbol(from, to, symbol, null),
      t("move-failed", { symbol }),
    );
    // What stood on the other list before stays there.
    const back = () => (there ? this.putBack(symbol, from, at) : this.moveBack(symbol, to, from, at));
    if (done) this.undoable(t("moved", { symbol, list: label(to) }), () => void back());
  }

  private async moveBack(symbol: string, from: string, to: string, at: number): Promise<void> {
    await this.edit(
      () => {
        this.change(from, (symbols) => symbols.filter((s) => s !== symbol));
        this.change(to, (symbols) => (symbols.includes(symbol) ? symbols : symbols.toSpliced(at, 0, symbol)));
      },
      () => this.platform.moveSymbol(from, to, symbol, at),
      t("move-failed", { symbol }),
    );
  }

  moveList(name: string, by: number): Promise<boolean> {
    return this.placeList(name, this.lists.findIndex((l) => l.name === name) + by);
  }

  placeList(name: string, to: number): Promise<boolean> {
    const list = this.lists.find((l) => l.name === name);
    if (!list || to < 0 || to >= this.lists.length) return Promise.resolve(false);
    return this.edit(
      () => (this.lists = this.lists.filter((l) => l !== list).toSpliced(to, 0, list)),
      () => this.platform.moveWatchlist(name, to),
      t("order-failed"),
    );
  }

  move(symbol: string, by: number): Promise<boolean> {
    const symbols = [...this.list.symbols];
    const from = symbols.indexOf(symbol);
    const to = Math.min(Math.max(from + by, 0), symbols.length - 1);
    if (from < 0 || from === to) return Promise.resolve(false);
    symbols.splice(to, 0, ...symbols.splice(from, 1));
    return this.order(symbols);
  }

  /** A list of that name that is there already is shown, and stays as it is. */
  async addList(name: string): Promise<void> {
    const there = this.lists.find((l) => l.name === name || label(l.name) === name);
    if (there) return void (this.current = there.name);
    const done = await this.edit(
      () => (this.lists = [...this.lists, { name, symbols: [] }]),
      () => this.platform.putWatchlist({ name, symbols: [] }),
      t("list-add-failed"),
    );
    if (done) this.current = name;
  }

  async renameList(from: string, to: string): Promise<void> {
    const list = this.lists.find((l) => l.name === from);
    if (!list || from === to) return;
    const shown = this.list.name === from;
    const taken = this.lists.some((l) => l.name === to);
    const done = await this.edit(
      // Two of one name are never shown; the desk says why there are none.
      () => taken || (this.lists = this.lists.map((l) => (l.name === from ? { ...l, name: to } : l))),
      () => this.platform.renameWatchlist(from, to),
      t("list-rename-failed"),
    );
    if (done) this.renamed.set(from, to);
    if (done && shown) this.current = to;
  }

  async removeList(name: string): Promise<void> {
    const at = this.lists.findIndex((l) => l.name === name);
    const list = this.lists[at];
    const done = await this.edit(
      () => (this.lists = this.lists.filter((l) => l.name !== name)),
      () => this.platform.removeWatchlist(name),
      t("list-remove-failed"),
    );
    if (done && list) this.undoable(t("list-removed", { name: label(name) }), () => void this.bringBackList(list, at));
  }

  private async bringBackList(list: Watchlist, at: number): Promise<void> {
    const there = this.lists.find((l) => l.name === list.name);
    if (there) return void (await this.order([...new Set([...there.symbols, ...list.symbols])], there.name));
    const done = await this.edit(
      () => (this.lists = this.lists.toSpliced(at, 0, list)),
      async () => {
        await this.platform.putWatchlist(list);
        await this.platform.moveWatchlist(list.name, at);
      },
      t("list-add-failed"),
    );
    if (done) this.current = list.name;
  }

  async addAlert(draft: AlertDraft): Promise<void> {
    const alert = await this.platform.addAlert(draft);
    this.alerts = [...this.alerts.filter((a) => a.id !== alert.id), alert];
  }

  async putAlert(alert: Alert): Promise<void> {
    await this.platform.putAlert(alert);
    this.alerts = this.alerts.map((a) => (a.id === alert.id ? alert : a));
  }

  async removeAlert(alert: Alert): Promise<void> {
    const done = await this.edit(
      () => (this.alerts = this.alerts.filter((a) => a.id !== alert.id)),
      () => this.platform.removeAlert(alert.id),
      t("alert-remove-failed"),
    );
    if (done) this.undoable(t("alert-removed"), () => void this.bringBackAlert(alert));
  }

  /** Under a new id: the old one is gone. */
  private async bringBackAlert(alert: Alert): Promise<void> {
    await this.edit(
      () => {},
      () => this.addAlert($state.snapshot(alert)),
      t("alert-back-failed"),
    );
  }

  armAlert(alert: Alert, enabled: boolean): Promise<boolean> {
    const armed = { ...$state.snapshot(alert), enabled };
    return this.edit(
      () => (this.alerts = this.alerts.map((a) => (a.id === alert.id ? armed : a))),
      () => this.platform.putAlert(armed),
      t("alert-arm-failed"),
    );
  }

  /** Tells no alerts of a symbol until it is over, or tells them again. */
  async mute(symbol: string, howLong: MuteFor | null): Promise<void> {
    const done = await this.edit(
      () => {},
      () => (howLong ? this.platform.mute(symbol, howLong) : this.platform.unmute(symbol)),
      t("mute-failed", { symbol }),
    );
    // The desk reckons when the day is over.
    if (done) await this.reloadPreferences();
  }

  async reloadPreferences(): Promise<void> {
    this.takePreferences(await this.platform.preferences());
  }

  /** Somebody chose something, here or elsewhere. What is on its way to the desk is shown on top. */
  takePreferences(kept: Preferences): void {
    this.kept = kept;
    this.preferences = Object.assign({}, kept, ...this.changes);
  }

  /** Changes what is named, one after another: each answer is the whole of what is chosen then. */
  prefer(change: Preferences): Promise<boolean> {
    const own = $state.snapshot(change);
    this.changes.push(own);
    this.takePreferences(this.kept);
    const done = this.changed.then(() => this.save(own));
    this.changed = done;
    return done;
  }

  private async save(own: Preferences): Promise<boolean> {
    let kept: Preferences | undefined;
    try {
      kept = await this.platform.changePreferences(own);
    } catch (error) {
      this.toasts.show(`${t("setting-failed")}: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.changes = this.changes.filter((other) => other !== own);
    this.takePreferences(kept ?? this.kept);
    return kept !== undefined;
  }

  private undoable(done: string, run: () => void): void {
    this.toasts.show(done, { label: t("undo"), run });
  }

  private change(list: string, edit: (symbols: string[]) => string[]): void {
    this.lists = this.lists.map((l) => (l.name === list ? { ...l, symbols: edit(l.symbols) } : l));
  }

  private async edit(show: () => unknown, save: () => Promise<unknown>, failed: string): Promise<boolean> {
    const { lists } = this;
    const before = { lists, alerts: $state.snapshot(this.alerts) };
    show();
    try {
      await save();
      return true;
    } catch (error) {
      // What was kept, with what came from elsewhere meanwhile; as it was before, where nobody answers.
      await this.load().catch(() => Object.assign(this, before));
      this.toasts.show(`${failed}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }
}
