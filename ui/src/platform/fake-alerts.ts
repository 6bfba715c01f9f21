/** Made-up alerts and what fired of them, in memory. */

import type { Alert, AlertFired, Condition, LogEntry, LogSummary, Preferences, Silence } from "../bindings";

const plain = { repeat: false, extended_hours: false, enabled: true };

const FEW: Alert[] = [
  { id: "1", symbol: "AAPL", condition: { kind: "above", value: 250 }, ...plain },
  { id: "2", symbol: "BTC-USD", condition: { kind: "below", value: 90000 }, ...plain, repeat: true },
];

const MANY: Alert[] = [
  ...FEW,
  { id: "3", symbol: "AAPL", condition: { kind: "below", value: 242 }, ...plain, enabled: false },
  {
    id: "4",
    symbol: "AAPL",
    condition: { kind: "move_within", value: { percent: 1.5, minutes: 15 } },
    ...plain,
    repeat: true,
    cooldown_minutes: 30,
  },
  { id: "5", symbol: "AAPL", condition: { kind: "year_high" }, ...plain },
  { id: "6", symbol: "NVDA", condition: { kind: "volume_spike", value: 2 }, ...plain },
  { id: "7", symbol: "MSFT", condition: { kind: "day_move", value: 2.5 }, ...plain, repeat: true },
  { id: "8", symbol: "VOD.L", condition: { kind: "year_low" }, ...plain },
  { id: "9", symbol: "EURUSD=X", condition: { kind: "above", value: 1.05 }, ...plain, repeat: true },
];

type Fired = [id: string, alert: string, symbol: string, rule: Condition, price: number, percent: number, at: string];

function fired([id, alert_id, symbol, condition, price, change_percent, at]: Fired): AlertFired {
  const moved = condition.kind === "move_within" ? { moved_percent: -1.62 } : {};
  return {
    ...{ id, alert_id, user: "me", symbol, condition, price, change_percent, ...moved },
    ...{ currency: symbol === "VOD.L" ? "GBP" : "USD", price_digits: symbol === "VOD.L" ? 4 : 2 },
    ...{ quoted_at: at, fired_at: at, source: "yahoo", time_zone: "America/New_York" },
  };
}

const entry = (what: Fired, read: boolean, silent?: Silence): LogEntry => ({
  event: { alert: fired(what) },
  read,
  ...(silent ? { silent } : {}),
});

const WITHIN: Condition = { kind: "move_within", value: { percent: 1.5, minutes: 15 } };
const LOG: LogEntry[] = [
  entry(["f1", "4", "AAPL", WITHIN, 243.1, 0.65, "2026-11-24T19:24:00Z"], false),
  entry(["f2", "day-move", "NVDA", { kind: "day_move", value: 3 }, 139.4, 3.04, "2026-11-24T16:05:00Z"], false),
  entry(["f3", "3", "AAPL", { kind: "below", value: 242 }, 241.98, 0.18, "2026-11-24T14:31:00Z"], true),
  entry(["f4", "6", "NVDA", { kind: "volume_spike", value: 2 }, 137.2, 1.4, "2026-11-23T20:12:00Z"], true, "muted"),
  {
    event: {
      digest: {
        ...{ id: "d1", user: "me", day: "2026-11-23", made_at: "2026-11-23T17:30:00Z" },
        up: [
          mover("APP", 480.1, 3.2),
          mover("NVDA", 138.85, 2.63),
          mover("AAPL", 244.6, 1.27),
          mover("AMD", 113.1, 1.09),
          mover("BTC-USD", 97508.97, 0.92),
        ],
        down: [mover("GC=F", 2900.7, -1.52), mover("AVGO", 233.04, -0.88), mover("VOD.L", 0.6662, -0.8)],
      },
    },
    read: true,
  },
  entry(["f5", "8", "VOD.L", { kind: "year_low" }, 0.6588, -2.1, "2026-11-20T02:15:00Z"], true, "quiet_hours"),
  entry(["f6", "gone", "TSLA", { kind: "above", value: 350 }, 350.4, 1.2, "2026-11-19T15:02:00Z"], true),
];

function mover(symbol: string, price: number, change_percent: number) {
  return { symbol, price, change_percent, price_digits: symbol === "VOD.L" ? 4 : 2, source: "yahoo" };
}

export class FakeAlerts {
  entries: LogEntry[];

  constructor(
    private readonly scenario: string,
    private readonly changed: (summary: LogSummary) => void,
  ) {
    this.entries = scenario === "alerts" ? structuredClone(LOG) : [];
  }

  alerts(): Alert[] {
    return structuredClone(this.scenario === "alerts" ? MANY : FEW);
  }

  preferences(): Preferences {
    return this.scenario === "alerts" ? { muted: [{ symbol: "NVDA" }], time_zone: "America/New_York" } : {};
  }

  summary(): LogSummary {
    return { entries: this.entries.length, unread: this.entries.filter(({ read }) => !read).length };
  }

  markAllRead(): void {
    this.entries = this.entries.map((one) => ({ ...one, read: true }));
    this.changed(this.summary());
  }

  clear(): void {
    this.entries = [];
    this.changed(this.summary());
  }

  /** Writes one down, as the engine would. */
  push(what: Fired, silent?: Silence): AlertFired {
    const added = entry(what, false, silent);
    this.entries = [added, ...this.entries];
    this.changed(this.summary());
    return fired(what);
  }
}
