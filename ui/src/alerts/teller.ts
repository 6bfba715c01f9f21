/** Says in the window what fired: the first of a burst one by one, the rest together. */

import type { AlertFired } from "../bindings";
import { condition, price } from "../format";
import { t } from "../i18n.svelte";
import type { Toasts } from "../toasts.svelte";

const BURST_MS = 5000;
const SINGLY_MAX = 2;
const NAMED_MAX = 4;

export class Teller {
  private began = -Infinity;
  private symbols: string[] = [];
  private together: number | undefined;

  constructor(
    private readonly toasts: Toasts,
    private readonly open: (symbol: string) => void,
    private readonly openLog: () => void,
  ) {}

  tell(fired: AlertFired): void {
    const now = Date.now();
    if (now - this.began >= BURST_MS) {
      this.began = now;
      this.symbols = [];
      this.together = undefined;
    }
    this.symbols.push(fired.symbol);
    if (this.symbols.length <= SINGLY_MAX) this.one(fired);
    else this.rest(this.symbols.slice(SINGLY_MAX));
  }

  private one(fired: AlertFired): void {
    const rule = condition(fired.condition, fired.price_digits);
    const at = price(fired.price, fired.price_digits);
    const text = `${fired.symbol} ${rule} · ${at}${fired.currency ? ` ${fired.currency}` : ""}`;
    this.toasts.show(text, { label: t("open"), run: () => this.open(fired.symbol) }, true);
  }

  private rest(symbols: string[]): void {
    if (this.together !== undefined) this.toasts.dismiss(this.together);
    const named = [...new Set(symbols)].slice(0, NAMED_MAX).join(", ");
    const text = t("alerts-fired-more", { n: symbols.length, symbols: named });
    this.together = this.toasts.show(text, { label: t("show"), run: this.openLog }, true);
  }
}
