/** The user's destinations as the settings show and change them, and what could not be delivered there. */

import type { DeadLetter, Destination, DestinationState, DestinationTest } from "../../bindings";
import type { Platform } from "../../platform/platform";
import { text } from "../settings.svelte";

/** How often is looked how things stand, while somebody sees them. */
const LOOK_EVERY_MS = 5000;

export class DestinationList {
  all: DestinationState[] = $state.raw([]);
  /** What this installation can send. */
  can: { email: boolean; sms: boolean } = $state.raw({ email: true, sms: true });
  undelivered: DeadLetter[] = $state.raw([]);
  loaded = $state(false);
  failed: string | null = $state(null);
  /** What each said to the last test; `null` while it is asked. */
  tests: Record<string, DestinationTest | null> = $state({});

  constructor(private readonly platform: Platform) {}

  load = async (): Promise<void> => {
    try {
      const [{ destinations, email, sms }, undelivered] = await Promise.all([
        this.platform.destinations(),
        this.platform.undelivered(),
      ]);
      [this.all, this.can, this.undelivered, this.failed] = [destinations, { email, sms }, undelivered, null];
      this.loaded = true;
    } catch (error) {
      this.failed = text(error);
    }
  };

  /** Keeps up with what is delivered meanwhile; gives back how to stop. */
  watch(): () => void {
    const timer = setInterval(() => document.hidden || void this.load(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  /** With a secret where one was typed. What is refused is thrown. */
  async put(destination: Destination, secret: string): Promise<void> {
    await this.platform.putDestination(destination);
    try {
      if (secret) await this.platform.setDestinationSecret(destination.id, secret);
    } finally {
      await this.load();
    }
  }

  turn = (destination: Destination, enabled: boolean): Promise<void> =>
    this.change(() => this.platform.putDestination({ ...destination, enabled }));

  remove = (id: string): Promise<void> => this.change(() => this.platform.removeDestination(id));
  tryAgain = (id: string): Promise<void> => this.change(() => this.platform.retryUndelivered(id));
  forget = (id: string): Promise<void> => this.change(() => this.platform.forgetUndelivered(id));

  test = async (id: string): Promise<void> => {
    this.tests[id] = null;
    try {
      this.tests[id] = await this.platform.testDestination(id);
    } catch (error) {
      this.tests[id] = { delivered: false, said: text(error) };
    }
  };

  private async change(make: () => Promise<void>): Promise<void> {
    let refused: string | null = null;
    try {
      await make();
    } catch (error) {
      refused = text(error);
    }
    await this.load();
    this.failed ??= refused;
  }
}
