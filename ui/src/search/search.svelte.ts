/** Search as one types: debounced, old answers dropped, followed ones first. */

import type { Instrument } from "../bindings";
import type { Platform } from "../platform/platform";

const DEBOUNCE_MS = 150;
const RESULTS_MAX = 8;

export class Search {
  text = $state("");
  results: Instrument[] = $state([]);
  active = $state(0);
  busy = $state(false);
  /** Why there is no answer; null where there is one. */
  failed: string | null = $state(null);
  /** For which text the results are. */
  answered = $state("");
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly follows: (symbol: string) => boolean,
  ) {}

  type(text: string): void {
    this.text = text;
    this.asked += 1;
    clearTimeout(this.timer);
    const wanted = text.trim();
    if (!wanted) {
      this.results = [];
      this.answered = "";
      this.busy = false;
      return;
    }
    this.busy = true;
    const turn = this.asked;
    this.timer = setTimeout(() => void this.ask(wanted, turn), DEBOUNCE_MS);
  }

  move(by: number): void {
    const { length } = this.results;
    if (length) this.active = (this.active + by + length) % length;
  }

  clear(): void {
    this.type("");
  }

  private async ask(text: string, turn: number): Promise<void> {
    let found: Instrument[] = [];
    let failed: string | null = null;
    try {
      found = await this.platform.search(text);
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
    }
    // Something else has been typed since.
    if (turn !== this.asked) return;
    const followed = found.filter((one) => this.follows(one.symbol));
    this.results = [...followed, ...found.filter((one) => !this.follows(one.symbol))].slice(0, RESULTS_MAX);
    this.active = 0;
    this.answered = text;
    this.failed = failed;
    this.busy = false;
  }
}

/** A text cut at what was typed: plain, match, plain. */
export function highlight(text: string, typed: string): [string, string, string] {
  const at = typed ? text.toLowerCase().indexOf(typed.toLowerCase()) : -1;
  if (at < 0) return [text, "", ""];
  return [text.slice(0, at), text.slice(at, at + typed.length), text.slice(at + typed.length)];
}
