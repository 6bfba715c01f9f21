/** Where the interface's data comes from: the window's own process, a server, or a made-up one for tests. */

import type {
  CertificateState,
  ListenerState,
  Alert,
  AlertDraft,
  AlertFired,
  Change,
  Backups,
  DeadLetter,
  Delivery,
  Destination,
  Destinations,
  DestinationTest,
  ExportFormat,
  History,
  Import,
  ImportChoice,
  ImportedFile,
  Instrument,
  LogEntry,
  LogSummary,
  ListView,
  Lot,
  MarketHours,
  MarketList,
  MqttStats,
  MuteFor,
  Open,
  Preferences,
  ProviderHealth,
  ProviderKey,
  Quote,
  Range,
  Reset,
  Settings,
  StreamMessage,
  SymbolNote,
  SystemState,
  Valuation,
  Watchlist,
  Watchlists,
} from "../bindings";

export type AppInfo = {
  version: string;
  user: string;
  feed: string;
  /** How many seconds of a recording pass in a second, where one is played. */
  replay_speed?: number | null;
  topic_root: string;
  mqtt_address?: string | null;
  mqtt_problem?: string | null;
  /** Another program has the port; one that is free instead, where this platform can move to it. */
  mqtt_port_taken?: number | null;
  mqtt_port_free?: number | null;
  /** Each listener that there is or should be, and what those with TLS show. */
  mqtt_listeners?: ListenerState[];
  mqtt_certificate?: CertificateState | null;
  notices: string[];
  desktop: boolean;
};

/** What a message of the stream may carry: exactly one of these. */
export type StreamParts = {
  snapshot?: Quote[];
  batch?: Quote[];
  gone?: string[];
  alert?: AlertFired;
  alert_log?: LogSummary;
  provider?: ProviderHealth;
  watchlists?: Watchlists;
  preferences?: Preferences;
};

export type TopPick = { symbol: string; followers: number };

export type ErrorCode = "not_found" | "invalid" | "not_saved" | "unavailable" | "unauthorized" | "internal";

/** Why something was not done, in words for the user. */
export class PlatformError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Whether this browser is told while the page is closed, and what is in the way. */
export type PushState = "unsupported" | "insecure" | "blocked" | "off" | "on";

export interface BrowserPush {
  state(): Promise<PushState>;
  turn(on: boolean): Promise<PushState>;
}

export interface Platform {
  /** The snapshot first, then what changes. `onLost` says in how many seconds a lost connection is tried again. */
  stream(on: (message: StreamMessage) => void, onLost: (seconds: number | null) => void): () => void;
  appInfo(): Promise<AppInfo>;
  /** What the broker inside has counted; nothing where another one is used. */
  mqttStats(): Promise<MqttStats | null>;
  search(query: string): Promise<Instrument[]>;
  /** Fetches where nobody follows, and keeps live for a minute. */
  quotes(symbols: string[]): Promise<Quote[]>;
  history(symbol: string, range: Range): Promise<History>;
  /** The day's courses, for small charts; what has none yet is left out. */
  sparks(symbols: string[]): Promise<History[]>;
  /** The next bell of each; those of which nobody knows are left out. */
  hours(symbols: string[]): Promise<MarketHours[]>;
  /** What moves the market, first things first. */
  marketList(list: MarketList): Promise<Instrument[]>;
  watchlists(): Promise<Watchlist[]>;
  putWatchlist(list: Watchlist): Promise<void>;
  removeWatchlist(name: string): Promise<void>;
  follow(list: string, symbol: string): Promise<void>;
  unfollow(list: string, symbol: string): Promise<void>;
  renameWatchlist(from: string, to: string): Promise<void>;
  /** To another place among the lists, from 0. */
  moveWatchlist(name: string, to: number): Promise<void>;
  /** From one list to another, at a place or at the end. */
  moveSymbol(from: string, to: string, symbol: string, at: number | null): Promise<void>;
  setView(name: string, view: ListView): Promise<void>;
  notes(): Promise<Record<string, SymbolNote>>;
  setNote(symbol: string, note: SymbolNote): Promise<void>;
  holdings(): Promise<Record<string, Lot[]>>;
  setLots(symbol: string, lots: Lot[]): Promise<void>;
  valuation(currency: string | null): Promise<Valuation>;
  /** What a file holds; nothing is changed. */
  readImport(text: string): Promise<Import>;
  applyImport(text: string, choice: ImportChoice): Promise<void>;
  exportLists(format: ExportFormat): Promise<string>;
  backups(): Promise<Backups>;
  restoreBackup(id: string): Promise<void>;
  alerts(): Promise<Alert[]>;
  addAlert(draft: AlertDraft): Promise<Alert>;
  putAlert(alert: Alert): Promise<void>;
  removeAlert(id: string): Promise<void>;
  /** Tells no alerts of a symbol; they are written down only. */
  mute(symbol: string, howLong: MuteFor): Promise<void>;
  unmute(symbol: string): Promise<void>;
  /** What fired, newest first. */
  alertLog(): Promise<LogEntry[]>;
  markAllRead(): Promise<void>;
  clearAlertLog(): Promise<void>;
  /** Where alerts go beside the notification. */
  destinations(): Promise<Destinations>;
  putDestination(destination: Destination): Promise<void>;
  removeDestination(id: string): Promise<void>;
  /** Keeps its secret, which is never shown again; `null` takes it away. */
  setDestinationSecret(id: string, secret: string | null): Promise<void>;
  testDestination(id: string): Promise<DestinationTest>;
  /** What could not be delivered, newest first. */
  undelivered(): Promise<DeadLetter[]>;
  retryUndelivered(id: string): Promise<void>;
  forgetUndelivered(id: string): Promise<void>;
  topPicks(): Promise<TopPick[]>;
  preferences(): Promise<Preferences>;
  /** Changes what is named, and nothing else; `null` takes a choice back. Answers with the whole of them. */
  changePreferences(change: Preferences): Promise<Preferences>;
  retryNow(): Promise<void>;
  /** Which providers take a key, and whether one is set; never the key. */
  providerKeys(): Promise<ProviderKey[]>;
  setProviderKey(provider: string, key: string): Promise<void>;
  removeProviderKey(provider: string): Promise<void>;
  /** Where a symbol's quotes can be read by MQTT. */
  quoteTopic(symbol: string): Promise<string>;
  /** A notification or the tray asks to be shown something. */
  onOpen(open: (what: Open) => void): () => void;
  /** Window only: listens for MQTT on another port than the one that is taken. */
  useMqttPort?(port: number): Promise<AppInfo>;
  /** Window only: what is set in the configuration file, and what of it takes a restart. */
  settings?(): Promise<Settings>;
  /** Sets all of these or none. */
  changeSettings?(changes: Change[]): Promise<Settings>;
  /** Makes something as it was at the first start. */
  reset?(what: Reset): Promise<void>;
  restartApp?(): Promise<void>;
  /** The user's password for MQTT and the web page: for the clipboard, and for nothing else. */
  loginToken?(): Promise<string>;
  /** Window only: prices stand on the page. */
  painted?(): void;
  /** Window only: brings the main window to the front, with this symbol's instrument. */
  showMain?(symbol?: string): Promise<void>;
  /** Window only: shows the ticker strip, or takes it away. */
  setStrip?(on: boolean): Promise<void>;
  /** Strip only: the pressed pointer takes the window along. */
  dragStrip?(): Promise<void>;
  /** Window only: what the system around the app does for it. */
  systemState?(): Promise<SystemState>;
  setAutostart?(on: boolean): Promise<void>;
  /** Window only: sends a notification to see whether one arrives. */
  testNotification?(): Promise<Delivery>;
  openDataFolder?(): Promise<void>;
  /** Window only: writes a file where the user says; its path, or nothing where they changed their mind. */
  exportFile?(name: string, contents: string): Promise<string | null>;
  importFile?(): Promise<ImportedFile | null>;
  /** Browser only: shows a token for a cookie. */
  login?(token: string): Promise<void>;
  /** Browser only: alerts while the page is closed. */
  push?(): Promise<BrowserPush>;
}
