/** What the system around the window does for it: asked anew after each change, since it may refuse. */

import type { Delivery, SystemState } from "../bindings";
import type { Platform } from "../platform/platform";
import { text } from "./settings.svelte";

export class SystemSettings {
  /** Nothing where the platform is no window, or has not told yet. */
  current: SystemState | null = $state.raw(null);
  failed: string | null = $state(null);

  constructor(private readonly platform: Platform) {}

  load = () => this.after(async () => {});

  startWithSystem = (on: boolean) => this.after(async () => this.platform.setAutostart?.(on));

  openDataFolder = () => this.after(async () => this.platform.openDataFolder?.());

  async testNotification(): Promise<Delivery | null> {
    await this.after(async () => void (await this.platform.testNotification?.()));
    return this.current?.notifications ?? null;
  }

  private async after(act: () => Promise<void> | undefined): Promise<void> {
    try {
      await act();
      this.failed = null;
    } catch (error) {
      this.failed = text(error);
    }
    this.current = (await this.platform.systemState?.().catch(() => null)) ?? null;
  }
}
