/** The settings of the program itself, which the window has and the web page has not: values, changes, the restart. */

import type { Change, LiveProvider, Reset, Settings } from "../bindings";
import type { Platform } from "../platform/platform";

export class ProgramSettings {
  /** Nothing where the platform has none, or has not told yet. */
  current: Settings | null = $state.raw(null);
  /** What was asked last and refused, and why. */
  refused: { what: Change["set"]; why: string } | null = $state.raw(null);
  /** Why nothing is known. */
  failed: string | null = $state(null);

  constructor(private readonly platform: Platform) {}

  async load(): Promise<void> {
    try {
      this.current = (await this.platform.settings?.()) ?? null;
      this.failed = null;
    } catch (error) {
      this.failed = text(error);
    }
  }

  /** Says whether it is kept. */
  async change(change: Change): Promise<boolean> {
    this.refused = null;
    try {
      this.current = (await this.platform.changeSettings?.([change])) ?? this.current;
      return true;
    } catch (error) {
      this.refused = { what: change.set, why: text(error) };
      return false;
    }
  }

  why(what: Change["set"]): string | null {
    return this.refused?.what === what ? this.refused.why : null;
  }

  async reset(what: Reset): Promise<void> {
    await this.platform.reset?.(what);
    await this.load();
  }
}

export function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export type ProviderChoice = { name: LiveProvider; on: boolean };

/** Every provider that can be chosen: those that are asked, in their order, then the others. */
export function choices({ values, automatic }: Settings): ProviderChoice[] {
  const off = automatic.filter((name) => !values.providers.includes(name));
  return [...values.providers.map((name) => ({ name, on: true })), ...off.map((name) => ({ name, on: false }))];
}

/** The providers to be asked. The order of those nobody chose is no choice. */
export function chosen(rows: ProviderChoice[], automatic: LiveProvider[]): LiveProvider[] {
  const order = rows.filter((row) => row.on).map((row) => row.name);
  return order.join() === automatic.join() ? [] : order;
}

/** The same with one of them in another place. */
export function moved<T>(rows: T[], from: number, to: number): T[] {
  const [row] = rows.slice(from, from + 1);
  if (row === undefined || to < 0 || to >= rows.length || from === to) return rows;
  const rest = rows.toSpliced(from, 1);
  return rest.toSpliced(to, 0, row);
}
