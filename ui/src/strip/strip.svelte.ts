/** The ticker strip's state: the first list's quotes, whose turn it is, and what kind of prices they are. */

import type { Preferences, ProviderHealth, Quote, StreamMessage, Watchlist } from "../bindings";
import { feedState } from "../feed/state";
import { unreal } from "../format";
import { t } from "../i18n.svelte";
import type { AppInfo, Platform, StreamParts } from "../platform/platform";
import { QuoteBoard } from "../quotes.svelte";

/** What the user chose is asked for this often: nobody tells this window. */
const CHOSEN_EVERY_MS = 15_000;

export class Strip {
  readonly quotes = new QuoteBoard();
  preferences: Preferences = $state({});
  now = $state(new Date());
  private lists: Watchlist[] = $state([]);
  private info: AppInfo | null = $state(null);
  private providers: ProviderHealth[] = $state([]);
  private lost: number | null = $state(null);
  private painted = false;

  /** In the order of the first list, as far as there are prices. */
  readonly items = $derived.by(() =>
    (this.lists[0]?.symbols ?? []).flatMap((symbol) => this.quotes.rows.get(symbol) ?? []),
  );
  readonly feed = $derived.by(() =>
    feedState({
      quotes: this.items.map((row) => row.quote),
      providers: this.providers,
      lost: this.lost,
      ready: this.quotes.ready,
      configured: this.info?.feed ?? "auto",
      replaySpeed: this.info?.replay_speed,
      now: this.now,
    }),
  );
  readonly mark = $derived(this.feed.kind === "live" ? lag(this.items.map((row) => row.quote)) : this.feed.title);

  constructor(readonly platform: Platform) {}

  /** Starts everything; gives back how to stop it. */
  start(): () => void {
    const stop = this.platform.stream(
      (message) => this.hear(message),
      (inSeconds) => (this.lost = inSeconds),
    );
    void this.ask();
    const clock = setInterval(() => (this.now = new Date()), 1000);
    const asks = setInterval(() => void this.ask(), CHOSEN_EVERY_MS);
    return () => {
      stop();
      clearInterval(clock);
      clearInterval(asks);
    };
  }

  private async ask(): Promise<void> {
    const { platform } = this;
    const asked = Promise.all([platform.appInfo(), platform.watchlists(), platform.preferences()]);
    const answer = await asked.catch(() => null);
    if (answer) [this.info, this.lists, this.preferences] = answer;
  }

  private hear(message: StreamMessage): void {
    const { provider, watchlists }: StreamParts = message;
    if (provider) this.providers = [...this.providers.filter(({ name }) => name !== provider.name), provider];
    if (watchlists) this.lists = watchlists.watchlists;
    this.quotes.apply(message);
    if (!this.painted && this.quotes.rows.size) {
      this.painted = true;
      requestAnimationFrame(() => requestAnimationFrame(() => this.platform.painted?.()));
    }
  }
}

/** How late the latest prices are. */
function lag(quotes: Quote[]): string {
  const real = quotes.filter((quote) => !unreal(quote.source));
  const slowest = Math.max(0, ...real.map((quote) => quote.delay_minutes ?? 0));
  return slowest ? t("strip-minutes", { n: slowest }) : t("strip-live");
}
