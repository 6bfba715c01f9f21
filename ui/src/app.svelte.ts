/** The interface's state in one place: what is shown, and the live data behind it. */

import { untrack } from "svelte";
import type { AlertFired, ImportedFile, ProviderHealth, Quote, Range, StreamMessage } from "./bindings";
import { AlertLog } from "./alerts/log.svelte";
import type { Teller } from "./alerts/teller";
import { Desk } from "./desk.svelte";
import { Hours } from "./feed/hours.svelte";
import { feedState } from "./feed/state";
import { t } from "./i18n.svelte";
import { lazy } from "./lazy";
import { Book } from "./lists/book.svelte";
import { Looks } from "./looks.svelte";
import type { AppInfo, Platform, StreamParts } from "./platform/platform";
import type { MenuPlace, OpenMenu } from "./primitives/menu";
import { QuoteBoard } from "./quotes.svelte";
import { Sparks } from "./sparks.svelte";
import { Toasts } from "./toasts.svelte";
import { remembered } from "./view";
import { Visible } from "./visible";
import { label } from "./watchlist/label";

/** Symbols that are shown without being followed are asked for this often. */
const LOOK_EVERY_MS = 30_000;
/** What is held is valued this often. */
const REVALUE_EVERY_MS = 5000;

export type PillMode = "percent" | "change" | "cap";
export type Overlay =
  | { kind: "alert"; symbol: string; id?: string; /** What it was opened from. */ from?: Overlay }
  | { kind: "alerts"; all?: boolean }
  | { kind: "note"; symbol: string }
  | { kind: "import"; file?: ImportedFile }
  | { kind: "settings"; section?: string }
  | { kind: "keys" }
  | { kind: "palette" }
  | null;

export class App {
  readonly toasts = new Toasts();
  readonly desk: Desk;
  readonly log: AlertLog;
  readonly book: Book;
  readonly sparks: Sparks;
  readonly hours: Hours;
  /** The rows in view. */
  readonly visible = new Visible((symbols) => void this.see(symbols));
  readonly quotes = new QuoteBoard((symbol) => this.visible.has(symbol));

  info: AppInfo | null = $state(null);
  providers: ProviderHealth[] = $state([]);
  lost: number | null = $state(null);
  now = $state(new Date());
  selected: string | null = $state(null);
  /** Below 800 px: whether the instrument covers the list. */
  detailOpen = $state(false);
  overlay: Overlay = $state(null);
  menu: OpenMenu | null = $state.raw(null);
  /** The row that is being dragged. */
  dragged: string | null = $state(null);
  /** The list whose name is being written. */
  naming: { from: string | null } | null = $state(null);
  /** What the chart shows. */
  range: Range = $state("1d");
  /** Puts the keyboard into the search field, where there is one. */
  focusSearch: (() => void) | undefined = $state.raw();
  pill: PillMode = $state("percent");
  /** Symbols the provider does not know. */
  unknown: string[] = $state([]);
  private looked = new Set<string>();
  private painted = false;

  readonly looks = new Looks(() => this.desk.preferences);

  /** Looks through all quotes: once a second, and when whose they are changes, but not with every price. */
  readonly feed = $derived.by(() => {
    void this.quotes.turn;
    return feedState({
      quotes: untrack(() => [...this.quotes.rows.values()].map((row) => row.quote)),
      providers: this.providers,
      lost: this.lost,
      ready: this.quotes.ready,
      configured: this.info?.feed ?? "auto",
      replaySpeed: this.info?.replay_speed,
      now: this.now,
    });
  });

  /** Made-up prices stand in for those of a provider: alerts do not fire. */
  readonly standIn = $derived.by(() => this.feed.kind === "simulated" && this.info?.feed !== "simulated");
  private teller: Teller | undefined;

  constructor(readonly platform: Platform) {
    this.desk = new Desk(platform, this.toasts);
    this.log = new AlertLog(platform);
    this.book = new Book(platform, this.toasts, () => this.desk.preferences.currency ?? null);
    this.sparks = new Sparks(platform);
    this.hours = new Hours(platform);
  }

  /** Starts everything; gives back how to stop it. */
  async start(): Promise<() => void> {
    await this.desk.load();
    void this.book.load().catch(() => {});
    this.info = await this.platform.appInfo();
    const { list, symbol } = remembered();
    this.desk.current = (this.desk.lists.find(({ name }) => name === list) ?? this.desk.lists[0])?.name ?? "default";
    this.selected ??= symbol ?? this.desk.list.symbols[0] ?? null;
    const stops = [
      this.platform.stream(
        (message) => this.hear(message),
        (seconds) => (this.lost = seconds),
      ),
      this.platform.onOpen((what) =>
        what === "settings" ? (this.overlay = { kind: "settings" }) : this.open(what.symbol),
      ),
    ];
    stops.push(this.visible.start());
    const clock = setInterval(() => (this.now = new Date()), 1000);
    const worth = setInterval(() => document.hidden || void this.book.revalue(), REVALUE_EVERY_MS);
    const looks = setInterval(() => {
      void this.lookAgain();
      this.sparks.refresh();
      // A port that was taken may be free by now.
      if (this.info?.mqtt_problem) void this.platform.appInfo().then((info) => (this.info = info));
    }, LOOK_EVERY_MS);
    return () => {
      stops.forEach((stop) => stop());
      clearInterval(clock);
      clearInterval(looks);
      clearInterval(worth);
    };
  }

  /** Shows an instrument, followed or not. */
  open(symbol: string): void {
    this.selected = symbol;
    this.detailOpen = true;
    void this.look([symbol]);
  }

  /** Everything as it is now: after an import, or on the way back. */
  async reload(): Promise<void> {
    await Promise.all([this.desk.load(), this.book.load()]);
  }

  async openRowMenu(symbol: string, place: MenuPlace): Promise<void> {
    const { rowMenu } = await lazy.menus();
    this.menu = { label: symbol, place, items: () => rowMenu(this, symbol) };
  }

  async openListMenu(name: string, place: MenuPlace): Promise<void> {
    const { listMenu } = await lazy.menus();
    this.menu = { label: label(name), place, items: () => listMenu(this, name) };
  }

  async openMoreLists(place: MenuPlace): Promise<void> {
    const { moreLists } = await lazy.menus();
    this.menu = { label: t("lists"), place, items: () => moreLists(this) };
  }

  /** Keeps symbols live while they are shown, followed or not. */
  async look(symbols: string[]): Promise<void> {
    for (const symbol of symbols) this.looked.add(symbol);
    const found = await this.see(symbols);
    if (!found) return;
    const missing = symbols.filter((symbol) => !found.some((quote) => quote.symbol === symbol));
    if (this.feed.kind === "live" || this.feed.kind === "closed") {
      this.unknown = [...new Set([...this.unknown.filter((s) => !symbols.includes(s)), ...missing])];
    }
  }

  /** Asked for first, for a minute. */
  private async see(symbols: string[]): Promise<Quote[] | null> {
    const found = await this.platform.quotes(symbols).catch(() => null);
    if (found) this.quotes.merge(found);
    return found;
  }

  /** No longer shown. */
  lookAway(symbols: string[]): void {
    for (const symbol of symbols) this.looked.delete(symbol);
  }

  /** Where programs connect, and why not, may have changed. */
  async refreshInfo(): Promise<void> {
    this.info = await this.platform.appInfo();
  }

  /** Takes the port that is offered in place of one that is taken. */
  async useMqttPort(port: number): Promise<void> {
    try {
      this.info = (await this.platform.useMqttPort?.(port)) ?? this.info;
      this.toasts.show(t("port-used", { port: String(port) }));
    } catch (error) {
      this.toasts.show(error instanceof Error ? error.message : String(error));
      this.info = await this.platform.appInfo();
    }
  }

  private async lookAgain(): Promise<void> {
    const symbols = [...this.looked].filter((symbol) => !this.desk.follows(symbol) || !this.quotes.get(symbol));
    if (symbols.length) await this.look(symbols);
  }

  private hear(message: StreamMessage): void {
    const { provider, watchlists, preferences, alert, alert_log }: StreamParts = message;
    if (provider) this.hearProvider(provider);
    if (watchlists) this.desk.replaceLists(watchlists.watchlists);
    if (preferences) this.desk.takePreferences(preferences);
    if (alert) void this.tell(alert);
    if (alert_log) {
      this.log.hear(alert_log);
      // What was to fire once is switched off now.
      this.desk.reloadAlerts().catch(() => {});
    }
    this.quotes.apply(message);
    if (!this.painted && this.quotes.rows.size) {
      this.painted = true;
      // The second frame begins when the first is on the screen.
      requestAnimationFrame(() => requestAnimationFrame(() => this.platform.painted?.()));
    }
  }

  private async tell(fired: AlertFired): Promise<void> {
    const { Teller } = await lazy.alertTeller();
    const openLog = () => (this.overlay = { kind: "alerts" });
    this.teller ??= new Teller(this.toasts, (symbol) => this.open(symbol), openLog);
    this.teller.tell(fired);
  }

  private hearProvider(health: ProviderHealth): void {
    const others = this.providers.filter((other) => other.name !== health.name);
    if (health.name === "simulated" && health.state === "off") this.sparks.forget();
    this.providers = [...others, health];
  }
}
