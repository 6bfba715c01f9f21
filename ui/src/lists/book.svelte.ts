/** What belongs to symbols and not to a list: aliases, notes, and what is held, with its worth. */

import type { Lot, SymbolNote, Valuation } from "../bindings";
import { t } from "../i18n.svelte";
import type { Platform } from "../platform/platform";
import type { Toasts } from "../toasts.svelte";

export class Book {
  notes: Record<string, SymbolNote> = $state.raw({});
  holdings: Record<string, Lot[]> = $state.raw({});
  /** What it is worth; nothing while nothing is held. */
  valuation: Valuation | null = $state.raw(null);
  private asked = 0;

  constructor(
    private readonly platform: Platform,
    private readonly toasts: Toasts,
    private readonly currency: () => string | null,
  ) {}

  get holds(): boolean {
    return Object.values(this.holdings).some((lots) => lots.length > 0);
  }

  /** Whether there is anything of the user's own about a symbol. */
  has(symbol: string): boolean {
    const { alias, note } = this.notes[symbol] ?? {};
    return Boolean(alias || note || this.holdings[symbol]?.length);
  }

  async load(): Promise<void> {
    [this.notes, this.holdings] = await Promise.all([this.platform.notes(), this.platform.holdings()]);
    await this.revalue();
  }

  /** Asks again what all is worth; an answer that comes late is no news. */
  async revalue(): Promise<void> {
    const asked = (this.asked += 1);
    const valuation = this.holds ? await this.platform.valuation(this.currency()).catch(() => this.valuation) : null;
    if (asked === this.asked) this.valuation = valuation;
  }

  async note(symbol: string, note: SymbolNote): Promise<boolean> {
    return this.keep(async () => {
      await this.platform.setNote(symbol, note);
      this.notes = { ...this.notes, [symbol]: note };
    });
  }

  async hold(symbol: string, lots: Lot[]): Promise<boolean> {
    return this.keep(async () => {
      await this.platform.setLots(symbol, lots);
      this.holdings = { ...this.holdings, [symbol]: lots };
      await this.revalue();
    });
  }

  private async keep(save: () => Promise<void>): Promise<boolean> {
    try {
      await save();
      return true;
    } catch (error) {
      this.toasts.show(`${t("note-failed")}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }
}
