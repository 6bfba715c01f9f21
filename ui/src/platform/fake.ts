/** A made-up desk and market in memory: for tests, and for looking at the interface. Never in a build. */

import type {
  Alert,
  AlertDraft,
  Change,
  Delivery,
  Destination,
  History,
  Instrument,
  KeyPlace,
  MarketList,
  MqttStats,
  MuteFor,
  Open,
  Preferences,
  ProviderKey,
  Quote,
  Range,
  Reset,
  Settings,
  SystemState,
  StreamMessage,
} from "../bindings";
import { FakeAlerts } from "./fake-alerts";
import { FakeDestinations } from "./fake-destinations";
import { FakeLists } from "./fake-lists";
import { SEEDS, healthOf, historyOf, hoursOf, instrumentOf, quoteOf } from "./fake-market";
import { FakeSettings } from "./fake-settings";
import { FakeSystem } from "./fake-system";
import { PlatformError, type AppInfo, type Platform, type TopPick } from "./platform";

export class FakePlatform extends FakeLists implements Platform {
  alertList: Alert[];
  readonly alertsLog: FakeAlerts;
  prefs: Preferences;
  /** A click in the tray. */
  ask: (what: Open) => void = () => {};
  readonly places: FakeDestinations;
  private keyPlace: KeyPlace | undefined;
  private port: number | undefined;
  private listeners = new Set<(message: StreamMessage) => void>();
  private readonly seeds: Map<string, Quote>;
  private readonly program: FakeSettings;
  private readonly system: FakeSystem;
  /** The web page has none. */
  settings?: () => Promise<Settings>;
  systemState?: () => Promise<SystemState>;

  constructor(scenario = "live") {
    super(scenario);
    this.seeds = new Map(SEEDS.map((seed) => [seed[0], quoteOf(seed, scenario)]));
    this.program = new FakeSettings(scenario);
    this.system = new FakeSystem(scenario);
    this.places = new FakeDestinations(scenario);
    if (scenario !== "web") this.systemState = async () => this.system.read();
    if (scenario !== "web") this.settings = async () => this.program.read();
    this.keyPlace = scenario === "key" || scenario === "fallback" ? "keychain" : undefined;
    this.port = scenario === "port" ? undefined : 1883;
    this.prefs = { welcomed: scenario !== "firstrun", day_move_alerts: true, theme: "system" };
    this.alertsLog = new FakeAlerts(scenario, (summary) => this.emit({ alert_log: summary }));
    this.alertList = this.alertsLog.alerts();
    Object.assign(this.prefs, this.alertsLog.preferences());
  }

  /** Says something on the stream, as the engine would. */
  emit(message: StreamMessage): void {
    for (const listener of this.listeners) listener(message);
  }

  protected followed(symbol: string): void {
    const quote = this.seeds.get(symbol);
    if (quote) this.emit({ batch: [quote] });
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
    for (const provider of healthOf(this.scenario)) on({ provider });
    if (this.alertsLog.entries.length) on({ alert_log: this.alertsLog.summary() });
    return () => this.listeners.delete(on);
  }

  mqttStats = async (): Promise<MqttStats | null> => ({
    sessions: 2,
    parked: 0,
    subscriptions: 9,
    followed: 3,
    retained: 48,
    queued: 0,
    messages_in: 12_345,
    messages_out: 67_890,
    conflated: 17,
    dropped: 0,
    refused_publishes: 0,
    unretained: 0,
    unfollowed: 0,
    router_rebuilds: 0,
  });

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
    ).map(instrumentOf);
  };

  quotes = async (symbols: string[]): Promise<Quote[]> => symbols.flatMap((symbol) => this.seeds.get(symbol) ?? []);

  history = async (symbol: string, range: Range) => historyOf(this.quote(symbol), range, this.scenario);

  sparks = async (symbols: string[]): Promise<History[]> => {
    this.calls.push(`sparks ${symbols.join(" ")}`);
    return Promise.all(symbols.filter((symbol) => this.seeds.has(symbol)).map((symbol) => this.history(symbol, "1d")));
  };

  hours = async (symbols: string[]) => {
    this.calls.push(`hours ${symbols.join(" ")}`);
    return symbols.map((symbol) => hoursOf(this.quote(symbol)));
  };

  marketList = async (list: MarketList): Promise<Instrument[]> => {
    this.calls.push(`list ${list}`);
    if (this.scenario === "stale") throw new PlatformError("unavailable", "Yahoo Finance does not answer (timed out)");
    const shares = SEEDS.filter(([, , kind]) => kind === "equity");
    const up = list === "losers" ? -1 : 1;
    const ranked = shares.toSorted((one, other) => up * (other[6] - one[6]));
    return ranked.map(instrumentOf);
  };

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
  destinations = async () => this.places.all();
  putDestination = async (destination: Destination) => this.places.put(structuredClone(destination));
  removeDestination = async (id: string) => this.places.remove(id);
  setDestinationSecret = async (id: string, secret: string | null) => {
    this.calls.push(`secret ${secret?.length ?? "none"}`);
    this.places.setSecret(id, secret);
  };
  testDestination = async (id: string) => this.places.test(id);
  undelivered = async () => structuredClone(this.places.dead);
  retryUndelivered = async (id: string) => {
    this.calls.push(`again ${id}`);
    this.places.forget(id);
  };
  forgetUndelivered = async (id: string) => this.places.forget(id);
  topPicks = async (): Promise<TopPick[]> =>
    ["AAPL", "NVDA", "BTC-USD", "TSLA", "MSFT"].map((symbol, i) => ({ symbol, followers: 9 - i }));
  preferences = async () => structuredClone(this.prefs);
  changePreferences = async (change: Preferences) => {
    this.prefs = { ...this.prefs, ...structuredClone(change) };
    return structuredClone(this.prefs);
  };
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
