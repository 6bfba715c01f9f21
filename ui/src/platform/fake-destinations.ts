/** Made-up destinations in memory: part of the made-up desk. */

import type { DeadLetter, Destination, DestinationState, Destinations, DestinationTest } from "../bindings";
import { PlatformError } from "./platform";

const MADE: DestinationState[] = [
  {
    destination: { id: "mail", name: "Work mail", enabled: true, to: { kind: "email", address: "me@example.org" } },
    secret: false,
    waiting: 0,
  },
  {
    destination: {
      id: "phone",
      name: "Phone",
      enabled: true,
      to: { kind: "ntfy", server: "https://ntfy.sh", topic: "my-quotes-7f3a" },
    },
    secret: false,
    waiting: 3,
  },
  { destination: { id: "team", name: "Team", enabled: false, to: { kind: "slack" } }, secret: false, waiting: 0 },
];
const DEAD: DeadLetter[] = ["404: no_service", "550: mailbox unavailable"].map((reason, at) => ({
  id: String(at + 1),
  destination: at ? "mail" : "team",
  event: {
    alert: {
      id: `f${at}`,
      alert_id: "1",
      user: "me",
      symbol: at ? "NVDA" : "AAPL",
      condition: { kind: "above", value: 250 },
      price: 250.02,
      price_digits: 2,
      quoted_at: "2026-11-24T15:42:00Z",
      fired_at: "2026-11-24T15:42:01Z",
      source: "yahoo",
    },
  },
  reason,
  tries: 1,
  given_up_at: "2026-11-24T15:42:02Z",
}));

export class FakeDestinations {
  list: DestinationState[];
  dead: DeadLetter[];

  constructor(private readonly scenario: string) {
    const made = scenario === "destinations";
    this.list = made ? structuredClone(MADE) : [];
    this.dead = made ? structuredClone(DEAD) : [];
  }

  all(): Destinations {
    return structuredClone({ destinations: this.list, email: this.scenario !== "live", sms: false });
  }

  put(destination: Destination): void {
    if (destination.name === "refused")
      throw new PlatformError("invalid", "an e-mail address is written me@host.example");
    const present = this.list.find((state) => state.destination.id === destination.id);
    if (present) present.destination = destination;
    else this.list.push({ destination, secret: false, waiting: 0 });
  }

  remove(id: string): void {
    this.list = this.list.filter((state) => state.destination.id !== id);
  }

  setSecret(id: string, secret: string | null): void {
    const present = this.list.find((state) => state.destination.id === id);
    if (present) present.secret = secret !== null;
  }

  test(id: string): DestinationTest {
    return id === "phone"
      ? { delivered: false, said: "429: you are sending too fast" }
      : { delivered: true, said: "250 2.0.0 Ok: queued as 4BqXy" };
  }

  forget(id: string): void {
    this.dead = this.dead.filter((letter) => letter.id !== id);
  }
}
