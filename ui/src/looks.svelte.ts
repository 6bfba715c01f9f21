/** The colours of a page: as the user chose, else as the system and the reader's language suggest. */

import { MediaQuery } from "svelte/reactivity";
import type { Palette, Preferences } from "./bindings";

export class Looks {
  private readonly system = new MediaQuery("prefers-color-scheme: dark");

  /** `chosen`: what the user prefers now. */
  constructor(private readonly chosen: () => Preferences) {}

  get dark(): boolean {
    const { theme = "system" } = this.chosen();
    return theme === "dark" || (theme === "system" && this.system.current);
  }

  /** Where nobody chose: red is up where the reader's language comes from East Asia. */
  get palette(): Palette {
    return this.chosen().palette ?? (/^(zh|ja|ko)/.test(navigator.language) ? "eastasian" : "western");
  }

  /** Gives the page these colours. */
  show(): void {
    document.documentElement.dataset["theme"] = this.dark ? "dark" : "light";
    document.documentElement.dataset["palette"] = this.palette;
  }
}
