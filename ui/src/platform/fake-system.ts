/** The made-up system around the window: it starts the app and shows notifications, unless the scenario says otherwise. */

import type { Delivery, SystemState } from "../bindings";
import { PlatformError } from "./platform";

export class FakeSystem {
  private autostart = false;
  private notifications: Delivery;

  constructor(private readonly scenario: string) {
    this.notifications =
      scenario === "bare"
        ? { problem: "No notification service answers on the session bus. Alerts stand in the log." }
        : { service: "dunst 1.9.0" };
  }

  read(): SystemState {
    const bare = this.scenario === "bare";
    return {
      tray: !bare,
      ...(bare ? {} : { autostart: this.autostart }),
      notifications: { ...this.notifications },
    };
  }

  setAutostart(on: boolean): void {
    this.autostart = on;
  }

  test(now: Date): Delivery {
    if (this.notifications.problem) throw new PlatformError("unavailable", this.notifications.problem);
    this.notifications = { ...this.notifications, last_taken_at: now.toISOString() };
    return this.notifications;
  }
}
