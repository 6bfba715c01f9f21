/** A made-up desk and market in memory: for tests, and for looking at the interface. Never in a build. */

import type {
  Alert,
  AlertDraft,
  Backups,
  Bar,
  Change,
  Delivery,
  ExportFormat,
  History,
  Import,
  ImportChoice,
  Instrument,
  KeyPlace,
  Kind,
  ListView,
  Lot,
  MarketHours,
  MarketList,
  MuteFor,
  Open,
  Preferences,
  ProviderHealth,
  ProviderKey,
  Quote,
  Range,
  Reset,
  Settings,
  SystemState,
  StreamMessage,
  SymbolNote,
  Valuation,
  Watchlist,
} from "../bindings";
import { FakeAlerts } from "./fake-alerts";
import { FakeSettings } from "./fake-settings";
import { FakeSystem } from "./fake-system";
import { PlatformError, type AppInfo, type Platform, type TopPick } from "./platform";

type Seed = [
  symbol: string,
  name: string,
  kind: Kind,
  exchange: string,
  currency: string,
  price: number,
  percent: number,
  digits: number,
];

const SEEDS: Seed[] = [
  ["AAPL", "Apple Inc.", "equity", "NASDAQ", "USD", 244.6, 1.27, 2],
  ["MSFT", "Microsoft Corporation", "equity", "NASDAQ", "USD", 408.43, -0.51, 2],
  ["NVDA", "NVIDIA Corporation", "equity", "NASDAQ", "USD", 138.85, 2.63, 2],
  ["^GSPC", "S&P 500", "index", "SNP", "USD", 6114.63, -0.004, 2],
  ["BTC-USD", "Bitcoin USD", "crypto", "CCC", "USD", 97508.97, 0.92, 2],
  ["EURUSD=X", "EUR/USD", "currency", "CCY", "USD", 1.04937, 0.28, 5],
  ["VOD.L", "Vodafone Group Public Limited Company", "equity", "LSE", "GBP", 0.6662, -0.8, 4],
  ["7203.T", "Toyota Motor Corporation", "equity", "Tokyo", "JPY", 2769, -0.66, 1],
  ["BRK-B", "Berkshire Hathaway Inc.", "equity", "NYSE", "USD", 479.35, -0.36, 2],
  ["AMD", "Advanced Micro Devices", "equity", "NASDAQ", "USD", 113.1, 1.09, 2],
  ["AVGO", "Broadcom Inc.", "equity", "NASDAQ", "USD", 233.04, -0.88, 2],
  ["CRM", "Salesforce, Inc.", "equity", "NYSE", "USD", 326.54, 0.27, 2],
  ["ORCL", "Oracle Corporation", "equity", "NYSE", "USD", 174.16, 0.71, 2],
  ["SAP.DE", "SAP SE", "equity", "XETRA", "EUR", 278.15, -0.3, 2],
  ["TSLA", "Tesla, Inc.", "equity", "NASDAQ", "USD", 355.84, -0.03, 2],
  ["GC=F", "Gold Feb 27", "future", "COMEX", "USD", 2900.7, -1.52, 1],
  ["APP", "AppLovin Corporation", "equity", "NASDAQ", "USD", 480.1, 3.2, 2],
  ["APPN", "Appian Corporation", "equity", "NASDAQ", "USD", 33.4, 0.4, 2],
];

export const FAKE_NOW = "2026-11-24T19:42:10Z";

function sourceOf(kind: Kind, scenario: string): string {
  if (scenario === "simulated" || scenario === "replay") return scenario;
  if (scenario === "fallback") return kind === "crypto" ? "coinbase" : kind === "currency" ? "ecb" : "finnhub";
  return "yahoo";
}

function quoteOf([symbol, name, kind, exchange, currency, price, percent, digits]: Seed, scenario: string): Quote {
  const previous = price / (1 + percent / 100);
  const quote: Quote = {
    symbol,
    name,
    kind,
    exchange,
    currency,
    price,
    price_digits: digits,
    change: price - previous,
    change_percent: percent,
    previous_close: previous,
    open: previous * 1.001,
    day_low: Math.min(price, previous) * 0.996,
    day_high: Math.max(price, previous) * 1.004,
    year_low: price * 0.67,
    year_high: price * 1.07,
    session: "regular",
    quoted_at: FAKE_NOW,
    received_at: FAKE_NOW,
    source: sourceOf(kind, scenario),
    state: scenario === "stale" ? "stale" : "live",
    time_zone: "America/New_York",
  };
  if (kind === "equity")
    Object.assign(quote, {
      volume: 40_900_000,
      average_volume: 51_800_000,
      market_cap: 3.67e12,
      pe_ratio: 38.82,
      dividend_yield: 0.41,
    });
  if (symbol === "VOD.L")
    Object.assign(quote, {
      quoted_in: "GBp",
      delay_minutes: 15,
      state: scenario === "stale" ? "stale" : "delayed",
      time_zone: "Europe/London",
    });
  if (symbol === "7203.T")
    Object.assign(quote, {
      session: "closed",
      state: "closed",
      time_zone: "Asia/Tokyo",
      quoted_at: "2026-11-24T06:30:00Z",
    });
  if (symbol === "MSFT") {
    Object.assign(quote, {
      session: "post",
      extended_price: price * 1.0004,
      extended_change_percent: 0.04,
      extended_at: FAKE_NOW,
    });
  }
  if (scenario === "halted" && symbol === "AAPL") {
    Object.assign(quote, { standstill: "halted", quoted_at: "2026-11-24T15:42:00Z" });
  }
  if (scenario === "delisted" && symbol === "AAPL") {
    const last = "2022-10-27T20:00:00Z";
    Object.assign(quote, { standstill: "delisted", state: "closed", session: "closed", quoted_at: last });
  }
  if (scenario === "closed") {
    const last = kind === "crypto" ? FAKE_NOW : "2026-11-24T21:00:00Z";
    Object.assign(quote, { session: "closed", state: "closed", quoted_at: last, extended_price: null });
  }
  if (scenario === "replay") quote.quoted_at = quote.quoted_at.replace("2026-11-24", "2025-02-14");
  if (quote.source === "ecb") {
    Object.assign(quote, { session: "closed", state: "closed", quoted_at: "2026-11-24T15:00:00Z", price_digits: 4 });
    for (const unknown of ["open", "day_low", "day_high", "year_low", "year_high"] as const) delete quote[unknown];
  }
  if (scenario === "hostile" && symbol === "AAPL") quote.name = `<img src=x onerror=alert(1)> ${"long ".repeat(500)}`;
  if (scenario === "hostile" && symbol === "MSFT") quote.name = "\u202eשלום evil\u202c &amp; Sons";
  return quote;
}

const CONVERTED = { currency: "EUR", value: 3512.4, day_change: 31.2, cost: 2800, gain: 712.4, gain_percent: 25.44 };

const VALUATION: Valuation = {
  positions: [
    { symbol: "AAPL", quantity: 12.5, currency: "USD", value: 3057.5, day_change: 38.4, cost: 2331.6, gain: 725.9 },
    { symbol: "7203.T", quantity: 100, currency: "JPY", value: 276900, day_change: -1800, cost: 250000, gain: 26900 },
  ],
  totals: [
    { currency: "JPY", value: 276900, day_change: -1800, cost: 250000, gain: 26900, gain_percent: 10.76 },
    { currency: "USD", value: 3057.5, day_change: 38.4, cost: 2331.6, gain: 725.9, gain_percent: 31.13 },
  ],
  rates: [{ from: "USD", rate: 0.95296 }],
  unvalued: [{ symbol: "7203.T", reason: "no_rate" }],
};

const IMPORT: Import = {
  format: "yahoo",
  lists: [{ name: "", symbols: ["AAPL", "SAP.DE", "VOD.L"] }],
  notes: { AAPL: { note: "first buy" } },
  holdings: { AAPL: [{ quantity: 10, cost: 172.62, date: "2024-03-15" }] },
  alerts: [],
  problems: [
    { line: 7, found: "20231301", fault: "date", problem: "a date is written 2026-11-25, 20261125 or 25.11.2026" },
    { line: 9, found: '=HYPERLINK("http://evil.example")', fault: "symbol", problem: "this is no symbol" },
  ],
  more_problems: 0,
};

const BACKUPS: Backups = {
  backups: [
    { id: "2026-11-24T19-00-00-000Z", at: "2026-11-24T19:00:00Z", lists: 3, symbols: 41, alerts: 4 },
    { id: "2026-11-23T08-12-00-000Z", at: "2026-11-23T08:12:00Z", lists: 2, symbols: 38, alerts: 4 },
  ],
  damaged: ["2026-11-20T08-00-00-000Z.me.json"],
};

export class FakePlatform implements Platform {
  readonly calls: string[] = [];
  lists: Watchlist[];
  alertList: Alert[];
  readonly alertsLog: FakeAlerts;
  prefs: Preferences;
  private noted: Record<string, SymbolNote> = {};
  private held: Record<string, Lot[]> = {};
  /** A click in the tray. */
  ask: (what: Open) => void = () => {};
  private keyPlace: KeyPlace | undefined;
  private port: number | undefined;
  private listeners = new Set<(message: StreamMessage) => void>();
  private readonly seeds: Map<string, Quote>;
  private readonly program: FakeSettings;
  private readonly system: FakeSystem;
  /** The web page has none. */
  settings?: () => Promise<Settings>;
  systemState?: () => Promise<SystemState>;

  constructor(readonly scenario = "live") {
    this.seeds = new Map(SEEDS.map((seed) => [seed[0], quoteOf(seed, scenario)]));
    const symbols = scenario === "empty" ? [] : SEEDS.slice(0, 9).map(([symbol]) => symbol);
    this.lists = [
      { name: "default", symbols },
      { name: "Europe", symbols: ["VOD.L", "SAP.DE"] },
    ];
    this.program = new FakeSettings(scenario);
    this.system = new FakeSystem(scenario);
    if (scenario !== "web") this.systemState = async () => this.system.read();
    if (scenario !== "web") this.settings = async () => this.program.read();
    if (scenario === "lists") this.fill();
    this.keyPlace = scenario === "key" || scenario === "fallback" ? "keychain" : undefined;
    this.port = scenario === "port" ? undefined : 1883;
    this.prefs = { welcomed: scenario !== "firstrun", day_move_alerts: true, theme: "system" };
    this.alertsLog = new FakeAlerts(scenario, (summary) => this.emit({ alert_log: summary }));
    this.alertList = this.alertsLog.alerts();
    Object.assign(this.prefs, this.alertsLog.preferences());
  }

  /** Many lists, notes, something held, and a list looked at in its own way. */
  private fill(): void {
    const view: ListView = {
      group_by: "kind",
      columns: ["price", "spark", "volume", "market_cap", "day_range", "pe_ratio"],
    };
    this.lists = [
      { name: "default", symbols: SEEDS.map(([symbol]) => symbol), view },
      ...["Europe", "Technology", "Watch closely", "Dividends", "Crypto and metals"].map((name) => ({
        name,
        symbols: ["SAP.DE", "VOD.L"],
      })),
    ];
    this.noted = { AAPL: { alias: "The fruit", note: "first buy" } };
    this.held = {
      AAPL: [{ quantity: 10, cost: 172.62, currency: "USD", date: "2024-03-15" }, { quantity: 2.5 }],
      "7203.T": [{ quantity: 100 }],
    };
  }

  /** Says something on the stream, as the engine would. */
  emit(message: StreamMessage): void {
    for (const listener of this.listeners) listener(message);
  }

  quote(symbol: string): Quote {
    const known = this.seeds.get(symbol);
    if (!known) throw new PlatformError("not_found", `Yahoo Finance does not know ${symbol}`);
    return known;
  }

  stream(on: (message: StreamMessage) => void): () => void {
    this.listeners.add(on);
    const followed = new Set(this.lists.flatMap((list) => list.symbols));
    if (this.scenario !== "connecting")
      on({ snapshot: [...this.seeds.values()].filter((q) => followed.has(q.symbol)) });
    for (const provider of this.health()) on({ provider });
    if (this.alertsLog.entries.length) on({ alert_log: this.alertsLog.summary() });
    return () => this.listeners.delete(on);
  }

  private health(): ProviderHealth[] {
    const next_try = new Date(Date.now() + 12_000).toISOString();
    const since = FAKE_NOW;
    const down: ProviderHealth = {
      name: "yahoo",
      state: "down",
      reason: "Yahoo Finance does not answer (timed out)",
      code: "unreachable",
      since,
      next_try,
    };
    const up = (name: string): ProviderHealth => ({ name, state: "up", since });
    const off = (name: string): ProviderHealth => ({ name, state: "off", since });
    const noKey: ProviderHealth = {
      ...off("finnhub"),
      reason: "Finnhub needs a key, and none is set",
      code: "key_missing",
    };
    switch (this.scenario) {
      case "stale":
      case "simulated":
        return [down];
      case "replay":
        return [up("replay")];
      case "fallback":
        return [up("coinbase"), off("binance"), down, up("finnhub"), up("ecb")];
      case "key": {
        const reason = "Finnhub did not accept the key (HTTP 401)";
        return [up("yahoo"), { name: "finnhub", state: "down", reason, code: "key_rejected", since }, off("ecb")];
      }
      case "providers": {
        const reason = "Coinbase asked us to slow down";
        return [
          { name: "coinbase", state: "degraded", reason, code: "rate_limited", since, next_try },
          down,
          noKey,
          off("ecb"),
          off("binance"),
        ];
      }
      default:
        return [up("yahoo"), noKey];
    }
  }

  appInfo = async (): Promise<AppInfo> => ({
    version: "0.1.0",
    user: "me",
    feed: this.scenario === "replay" ? "replay" : "auto",
    ...(this.scenario === "replay" ? { replay_speed: 4 } : {}),
    topic_root: "quickstocks/v1",
    ...(this.port
      ? { mqtt_address: `127.0.0.1:${this.port}` }
      : {
          mqtt_problem: "broker.listen: cannot listen on 127.0.0.1:1883: another program uses it; port 1884 is free",
          mqtt_port_taken: 1883,
          mqtt_port_free: 1884,
        }),
    notices: [],
    desktop: this.scenario !== "web",
  });

  search = async (query: string): Promise<Instrument[]> => {
    this.calls.push(`search ${query}`);
    const text = query.toLowerCase();
    return SEEDS.filter(
      ([symbol, name]) => symbol.toLowerCase().includes(text) || name.toLowerCase().includes(text),
    ).map(([symbol, name, kind, exchange]) => ({ symbol, name, kind, exchange }));
  };

  quotes = async (symbols: string[]): Promise<Quote[]> => symbols.flatMap((symbol) => this.seeds.get(symbol) ?? []);

  history = async (symbol: string, range: Range): Promise<History> => {
    const quote = this.quote(symbol);
    const [start, step] =
      range === "1d" ? [Date.parse("2026-11-24T09:00:00Z"), 300] : [Date.parse("2026-05-24T14:30:00Z"), 86_400];
    const count = range !== "1d" ? 130 : quote.session === "post" ? 170 : 128;
    const from = quote.previous_close ?? quote.price;
    const bars: Bar[] = Array.from({ length: count }, (_, i) => {
      const share = i / (count - 1);
      const wave = Math.sin(i / 7 + symbol.length) * 0.003 + Math.sin(i / 2.3) * 0.0012;
      const close = i === count - 1 ? quote.price : (from + (quote.price - from) * share) * (1 + wave * (1 - share));
      const at = new Date(start + i * step * 1000).toISOString();
      const open = close * (1 + Math.sin(i * 1.7) * 0.0009);
      const reach = close * 0.0006 * (1 + Math.abs(Math.sin(i * 2.9)));
      const [high, low] = [Math.max(open, close) + reach, Math.min(open, close) - reach];
      return { at, open, high, low, close, volume: 2e5 + 1e5 * Math.abs(Math.sin(i)) };
    });
    const history: History = {
      symbol,
      range,
      interval: range === "1d" ? "5m" : "1d",
      source: quote.source,
      bars,
      time_zone: "America/New_York",
      previous_close: from,
    };
    if (this.scenario === "young" && range !== "max") history.bars = range === "5y" ? [] : bars.slice(-40);
    if (this.scenario === "kept") history.fetched_at = "2026-11-24T19:02:00Z";
    if (range === "1d" && quote.kind === "equity")
      history.regular_hours = { start: "2026-11-24T14:30:00.000Z", end: "2026-11-24T21:00:00.000Z" };
    return history;
  };

  sparks = async (symbols: string[]): Promise<History[]> => {
    this.calls.push(`sparks ${symbols.join(" ")}`);
    return Promise.all(symbols.filter((symbol) => this.seeds.has(symbol)).map((symbol) => this.history(symbol, "1d")));
  };

  hours = async (symbols: string[]): Promise<MarketHours[]> => {
    this.calls.push(`hours ${symbols.join(" ")}`);
    return symbols.flatMap((symbol) => {
      const { session, time_zone, kind } = this.quote(symbol);
      const bell =
        kind === "crypto"
          ? {}
          : session === "regular"
            ? { closes_at: "2026-11-24T21:00:00Z" }
            : { opens_at: session === "closed" ? "2026-11-25T00:00:00Z" : "2026-11-25T14:30:00Z" };
      return [{ symbol, session, ...bell, time_zone: time_zone ?? null, told_by: "provider" as const }];
    });
  };

  marketList = async (list: MarketList): Promise<Instrument[]> => {
    this.calls.push(`list ${list}`);
    if (this.scenario === "stale") throw new PlatformError("unavailable", "Yahoo Finance does not answer (timed out)");
    const shares = SEEDS.filter(([, , kind]) => kind === "equity");
    const up = list === "losers" ? -1 : 1;
    const ranked = shares.toSorted((one, other) => up * (other[6] - one[6]));
    return ranked.map(([symbol, name, kind, exchange]) => ({ symbol, name, kind, exchange }));
  };

  watchlists = async () => structuredClone(this.lists);
  putWatchlist = async (list: Watchlist) => {
    this.calls.push(`put ${list.name} ${list.symbols.join(" ")}`);
    const at = this.lists.findIndex((one) => one.name === list.name);
    if (at < 0) this.lists.push(structuredClone(list));
    else this.lists[at] = structuredClone(list);
  };
  removeWatchlist = async (name: string) => void (this.lists = this.lists.filter((list) => list.name !== name));
  follow = async (name: string, symbol: string) => {
    this.calls.push(`follow ${symbol}`);
    this.lists.find((list) => list.name === name)?.symbols.push(symbol);
    const quote = this.seeds.get(symbol);
    if (quote) this.emit({ batch: [quote] });
  };
  unfollow = async (name: string, symbol: string) => {
    this.calls.push(`unfollow ${symbol}`);
    for (const list of this.lists) if (list.name === name) list.symbols = list.symbols.filter((s) => s !== symbol);
  };
  renameWatchlist = async (from: string, to: string) => {
    this.calls.push(`rename ${from} ${to}`);
    this.lists = this.lists.map((list) => (list.name === from ? { ...list, name: to } : list));
  };
  moveWatchlist = async (name: string, to: number) => {
    this.calls.push(`place ${name} ${to}`);
    const list = this.lists.find((one) => one.name === name);
    const others = this.lists.filter((one) => one.name !== name);
    this.lists = list ? others.toSpliced(to, 0, list) : others;
  };
  moveSymbol = async (from: string, to: string, symbol: string, at: number | null) => {
    this.calls.push(`move ${symbol} ${from} ${to} ${at ?? "end"}`);
    for (const list of this.lists) {
      if (list.name === from) list.symbols = list.symbols.filter((one) => one !== symbol);
      if (list.name === to && !list.symbols.includes(symbol)) {
        list.symbols = list.symbols.toSpliced(at ?? list.symbols.length, 0, symbol);
      }
    }
  };
  setView = async (name: string, view: ListView) => {
    this.calls.push(`view ${name} ${JSON.stringify(view)}`);
    this.lists = this.lists.map((list) => (list.name === name ? { ...list, view } : list));
  };
  notes = async () => structuredClone(this.noted);
  setNote = async (symbol: string, note: SymbolNote) => {
    this.calls.push(`note ${symbol} ${JSON.stringify(note)}`);
    this.noted[symbol] = note;
  };
  holdings = async () => structuredClone(this.held);
  setLots = async (symbol: string, lots: Lot[]) => {
    this.calls.push(`lots ${symbol} ${JSON.stringify(lots)}`);
    this.held[symbol] = lots;
  };
  valuation = async (currency: string | null): Promise<Valuation> => ({
    ...VALUATION,
    converted: currency ? { ...CONVERTED, currency } : null,
  });
  readImport = async (text: string): Promise<Import> => {
    if (!text.trim()) throw new PlatformError("invalid", "there is nothing in the file");
    return structuredClone(IMPORT);
  };
  applyImport = async (_: string, choice: ImportChoice) => {
    this.calls.push(`import ${JSON.stringify(choice)}`);
    this.lists.push({ name: choice.list ?? "Europe 2", symbols: ["SAP.DE"] });
  };
  exportLists = async (format: ExportFormat) => (format === "csv" ? "List,Symbol\r\n" : "{}");
  backups = async (): Promise<Backups> => structuredClone(BACKUPS);
  restoreBackup = async (id: string) => void this.calls.push(`restore ${id}`);
  alerts = async () => structuredClone(this.alertList);
  addAlert = async (draft: AlertDraft): Promise<Alert> => {
    const alert = {
      repeat: false,
      extended_hours: false,
      enabled: true,
      ...draft,
      id: String(this.alertList.length + 10),
    };
    this.alertList.push(alert);
    return alert;
  };
  putAlert = async (alert: Alert) => void (this.alertList = this.alertList.map((a) => (a.id === alert.id ? alert : a)));
  removeAlert = async (id: string) => void (this.alertList = this.alertList.filter((alert) => alert.id !== id));
  mute = async (symbol: string, howLong: MuteFor) => {
    this.calls.push(`mute ${symbol} ${howLong}`);
    const until = howLong === "today" ? { until: "2026-11-25T05:00:00Z" } : {};
    this.prefs.muted = [...(this.prefs.muted ?? []).filter((mute) => mute.symbol !== symbol), { symbol, ...until }];
  };
  unmute = async (symbol: string) => {
    this.calls.push(`unmute ${symbol}`);
    this.prefs.muted = (this.prefs.muted ?? []).filter((mute) => mute.symbol !== symbol);
  };
  alertLog = async () => structuredClone(this.alertsLog.entries);
  markAllRead = async () => this.alertsLog.markAllRead();
  clearAlertLog = async () => this.alertsLog.clear();
  topPicks = async (): Promise<TopPick[]> =>
    ["AAPL", "NVDA", "BTC-USD", "TSLA", "MSFT"].map((symbol, i) => ({ symbol, followers: 9 - i }));
  preferences = async () => structuredClone(this.prefs);
  setPreferences = async (preferences: Preferences) => void (this.prefs = preferences);
  providerKeys = async (): Promise<ProviderKey[]> => [
    { provider: "finnhub", ...(this.keyPlace ? { place: this.keyPlace } : {}) },
  ];
  setProviderKey = async (provider: string, key: string) => {
    this.calls.push(`key ${provider} ${key.length}`);
    if (this.scenario === "nokeychain") {
      throw new PlatformError(
        "not_saved",
        "provider.finnhub.key: this system has no keychain to keep it in (the name is not activatable), so it was not saved; without it, set the environment variable QUICKSTOCKS_PROVIDER__FINNHUB__KEY, or write the key into /home/me/.local/share/quickstocks/secrets.toml with mode 0600",
      );
    }
    this.keyPlace = "keychain";
  };
  removeProviderKey = async (provider: string) => {
    this.calls.push(`no key ${provider}`);
    this.keyPlace = undefined;
  };
  retryNow = async () => void this.calls.push("retry");
  onOpen = (open: (what: Open) => void) => {
    this.ask = open;
    return () => {};
  };
  quoteTopic = async (symbol: string) => `quickstocks/v1/quote/${encodeURIComponent(symbol)}`;
  useMqttPort = async (port: number): Promise<AppInfo> => {
    this.calls.push(`port ${port}`);
    this.port = port;
    return this.appInfo();
  };
  setAutostart = async (on: boolean): Promise<void> => this.system.setAutostart(on);
  testNotification = async (): Promise<Delivery> => this.system.test(new Date());
  openDataFolder = async (): Promise<void> => void this.calls.push("open folder");
  changeSettings = async (changes: Change[]): Promise<Settings> => {
    this.calls.push(`set ${JSON.stringify(changes)}`);
    return this.program.change(changes);
  };
  reset = async (what: Reset) => {
    this.calls.push(`reset ${what}`);
    if (what === "settings") this.program.reset();
    if (what === "lists") this.prefs = { ...this.prefs, welcomed: false };
  };
  restartApp = async () => void this.calls.push("restart");
  loginToken = async () => "f".repeat(64);
}
