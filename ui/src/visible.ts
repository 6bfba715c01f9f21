/** Tells the engine what is on screen, so that it is asked for first. Never how often it is asked for. */

/** A look keeps a symbol ahead for a minute; half of that leaves room for one that is lost. */
const EVERY_MS = 30_000;
/** Rows come and go by the dozen while a list is scrolled: said when it stands still. */
const SETTLED_MS = 300;
/** More than fits on any screen. */
const SYMBOLS_MAX = 200;

export class Visible {
  private readonly shown = new Set<string>();
  private readonly told = new Map<string, number>();
  private opened: string | null = null;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private beat: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly look: (symbols: string[]) => void,
    private readonly away: () => boolean = () => document.hidden,
  ) {}

  /** Starts telling; gives back how to stop. */
  start(): () => void {
    this.beat = setInterval(() => this.tell(), EVERY_MS);
    return () => {
      clearInterval(this.beat);
      clearTimeout(this.settling);
    };
  }

  show(symbol: string): void {
    this.shown.add(symbol);
    this.settle();
  }

  hide(symbol: string): void {
    this.shown.delete(symbol);
  }

  /** Whether it is on the screen, as far as is known. */
  has(symbol: string): boolean {
    return this.shown.has(symbol) || this.opened === symbol;
  }

  /** The instrument that is open, wherever its row is. */
  open(symbol: string | null): void {
    this.opened = symbol;
    if (symbol !== null) this.settle();
  }

  private settle(): void {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.tell(), SETTLED_MS);
  }

  /** Only what was not told lately: scrolling to and fro says nothing twice. */
  private tell(now = Date.now()): void {
    if (this.away()) return;
    for (const [symbol, at] of this.told) if (now - at >= EVERY_MS) this.told.delete(symbol);
    const inView = new Set(this.opened === null ? this.shown : [this.opened, ...this.shown]);
    const news = [...inView].filter((symbol) => !this.told.has(symbol)).slice(0, SYMBOLS_MAX);
    if (news.length === 0) return;
    for (const symbol of news) this.told.set(symbol, now);
    this.look(news);
  }
}
