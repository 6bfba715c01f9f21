/** Where the interface's data comes from: the window's own process, a server, or a made-up one for tests. */

import type {
  Alert,
  AlertDraft,
  AlertFired,
  History,
  Instrument,
  LogEntry,
  LogSummary,
  MarketHours,
  MarketList,
  MuteFor,
  Open,
  Preferences,
  ProviderHealth,
  ProviderKey,
  Quote,
  Range,
  StreamMessage,
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

export interface Platform {
  /** The snapshot first, then what changes. `onLost` says in how many seconds a lost connection is tried again. */
  stream(on: (message: StreamMessage) => void, onLost: (seconds: number | null) => void): () => void;
  appInfo(): Promise<AppInfo>;
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
  topPicks(): Promise<TopPick[]>;
  preferences(): Promise<Preferences>;
  setPreferences(preferences: Preferences): Promise<void>;
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
  /** Browser only: shows a token for a cookie. */
  login?(token: string): Promise<void>;
}
