/** A server: REST with a cookie, and one WebSocket. */

import type {
  Alert,
  AlertDraft,
  Backups,
  DeadLetter,
  Destination,
  Destinations,
  DestinationTest,
  ExportFormat,
  History,
  Import,
  ImportChoice,
  Instrument,
  ListView,
  LogEntry,
  Lot,
  MarketHours,
  MarketList,
  MqttStats,
  MuteFor,
  Open,
  Preferences,
  ProviderKey,
  Quote,
  Range,
  StreamMessage,
  SymbolNote,
  Valuation,
  Watchlist,
  Watchlists,
} from "../bindings";
import { t } from "../i18n.svelte";
import { PlatformError, type AppInfo, type BrowserPush, type ErrorCode, type Platform, type TopPick } from "./platform";

const API = "/api/v1";
const RECONNECT_MAX_SECONDS = 30;

export class WebPlatform implements Platform {
  private user: Promise<string> | undefined;

  stream(on: (message: StreamMessage) => void, onLost: (seconds: number | null) => void): () => void {
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = 1;
    const open = () => {
      socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${API}/stream`);
      socket.onmessage = (event) => {
        pause = 1;
        onLost(null);
        on(JSON.parse(String(event.data)) as StreamMessage);
      };
      socket.onclose = () => {
        onLost(pause);
        timer = setTimeout(open, pause * 1000);
        pause = Math.min(pause * 2, RECONNECT_MAX_SECONDS);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      if (socket) socket.onclose = null;
      socket?.close();
    };
  }

  /** What a notification says that was clicked: in the address of a page that it opened, or to one that was there. */
  onOpen(open: (what: Open) => void): () => void {
    const symbol = new URLSearchParams(location.hash.slice(1)).get("open");
    if (symbol) {
      history.replaceState(null, "", location.pathname + location.search);
      open({ symbol });
    }
    const hear = ({ data }: MessageEvent<{ open?: string } | null>) => data?.open && open({ symbol: data.open });
    const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    worker?.addEventListener("message", hear);
    worker?.startMessages();
    return () => worker?.removeEventListener("message", hear);
  }

  async push(): Promise<BrowserPush> {
    const { WebPush } = await import("./web-push");
    return new WebPush({ ask: (...call) => this.send(...call), mine: (path) => this.mine(path) });
  }

  async login(token: string): Promise<void> {
    await this.send("POST", "/session", { token });
    this.user = undefined;
  }

  appInfo = () => this.get<AppInfo>("/info");
  mqttStats = () => this.get<MqttStats | null>("/mqtt");
  search = (query: string) => this.get<Instrument[]>(`/search?q=${encodeURIComponent(query)}`);
  quotes = (symbols: string[]) =>
    symbols.length
      ? this.get<Quote[]>(`/quotes?symbols=${symbols.map(encodeURIComponent).join(",")}`)
      : Promise.resolve([]);
  history = (symbol: string, range: Range) =>
    this.get<History>(`/history/${encodeURIComponent(symbol)}?range=${range}`);
  sparks = (symbols: string[]) =>
    symbols.length
      ? this.get<History[]>(`/sparks?symbols=${symbols.map(encodeURIComponent).join(",")}`)
      : Promise.resolve([]);
  hours = (symbols: string[]) => this.get<MarketHours[]>(`/hours?symbols=${symbols.map(encodeURIComponent).join(",")}`);
  marketList = (list: MarketList) => this.get<Instrument[]>(`/lists/${list}`);
  quoteTopic = async (symbol: string) =>
    (await this.get<{ topic: string }>(`/quotes/${encodeURIComponent(symbol)}/topic`)).topic;
  watchlists = async () => (await this.get<Watchlists>(await this.mine("/watchlists"))).watchlists;
  putWatchlist = async (list: Watchlist) => this.send("PUT", await this.list(list.name), list);
  removeWatchlist = async (name: string) => this.send("DELETE", await this.list(name));
  follow = async (list: string, symbol: string) => this.send("PUT", await this.pick(list, symbol));
  unfollow = async (list: string, symbol: string) => this.send("DELETE", await this.pick(list, symbol));
  renameWatchlist = async (from: string, to: string) => this.send("PUT", `${await this.list(from)}/name`, { name: to });
  moveWatchlist = async (name: string, at: number) => this.send("PUT", `${await this.list(name)}/place`, { at });
  moveSymbol = async (from: string, list: string, symbol: string, at: number | null) =>
    this.send("PUT", `${await this.pick(from, symbol)}/place`, { list, at });
  setView = async (name: string, view: ListView) => this.send("PUT", `${await this.list(name)}/view`, view);
  notes = async () => this.get<Record<string, SymbolNote>>(await this.mine("/notes"));
  setNote = async (symbol: string, note: SymbolNote) =>
    this.send("PUT", await this.mine(`/notes/${encodeURIComponent(symbol)}`), note);
  holdings = async () => this.get<Record<string, Lot[]>>(await this.mine("/holdings"));
  setLots = async (symbol: string, lots: Lot[]) =>
    this.send("PUT", await this.mine(`/holdings/${encodeURIComponent(symbol)}`), { lots });
  valuation = async (currency: string | null) =>
    this.get<Valuation>(await this.mine(`/valuation${currency ? `?currency=${encodeURIComponent(currency)}` : ""}`));
  readImport = async (text: string) => this.send<Import>("POST", await this.mine("/import"), { text });
  applyImport = async (text: string, choice: ImportChoice) =>
    this.send("POST", await this.mine("/import"), { text, choice });
  /** With the mark before the text by which Excel knows UTF-8, which `text()` would take away. */
  exportLists = async (format: ExportFormat) => {
    const file = await this.answer("GET", await this.mine(`/export?format=${format}`));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await file.arrayBuffer());
  };
  backups = async () => this.get<Backups>(await this.mine("/backups"));
  restoreBackup = async (id: string) =>
    this.send("POST", await this.mine(`/backups/${encodeURIComponent(id)}/restore`));
  alerts = async () => this.get<Alert[]>(await this.mine("/alerts"));
  addAlert = async (draft: AlertDraft) => this.send<Alert>("POST", await this.mine("/alerts"), draft);
  putAlert = async (alert: Alert) =>
    this.send("PUT", await this.mine(`/alerts/${encodeURIComponent(alert.id)}`), alert);
  removeAlert = async (id: string) => this.send("DELETE", await this.mine(`/alerts/${encodeURIComponent(id)}`));
  mute = async (symbol: string, howLong: MuteFor) => this.send("PUT", await this.muted(symbol), { for: howLong });
  unmute = async (symbol: string) => this.send("DELETE", await this.muted(symbol));
  alertLog = async () => this.get<LogEntry[]>(await this.mine("/alert-log"));
  markAllRead = async () => this.send("PUT", await this.mine("/alert-log/read"));
  clearAlertLog = async () => this.send("DELETE", await this.mine("/alert-log"));
  destinations = async () => this.get<Destinations>(await this.mine("/destinations"));
  putDestination = async ({ id, ...destination }: Destination) =>
    this.send("PUT", await this.destination(id), destination);
  removeDestination = async (id: string) => this.send("DELETE", await this.destination(id));
  setDestinationSecret = async (id: string, secret: string | null) => {
    const path = `${await this.destination(id)}/secret`;
    return secret === null ? this.send("DELETE", path) : this.send("PUT", path, { secret });
  };
  testDestination = async (id: string) => this.send<DestinationTest>("POST", `${await this.destination(id)}/test`);
  undelivered = async () => this.get<DeadLetter[]>(await this.mine("/undelivered"));
  retryUndelivered = async (id: string) => this.send("POST", await this.mine(`/undelivered/${id}/retry`));
  forgetUndelivered = async (id: string) => this.send("DELETE", await this.mine(`/undelivered/${id}`));
  topPicks = () => this.get<TopPick[]>("/top-picks");
  preferences = async () => this.get<Preferences>(await this.mine("/preferences"));
  changePreferences = async (change: Preferences) =>
    this.send<Preferences>("PATCH", await this.mine("/preferences"), change);
  retryNow = () => this.send("POST", "/retry");
  providerKeys = () => this.get<ProviderKey[]>("/providers/keys");
  setProviderKey = (provider: string, key: string) =>
    this.send("PUT", `/providers/${encodeURIComponent(provider)}/key`, { key });
  removeProviderKey = (provider: string) => this.send("DELETE", `/providers/${encodeURIComponent(provider)}/key`);

  private get<T>(path: string): Promise<T> {
    return this.send<T>("GET", path);
  }

  private async mine(path: string): Promise<string> {
    this.user ??= this.whoAmI();
    this.user.catch(() => (this.user = undefined));
    return `/users/${encodeURIComponent(await this.user)}${path}`;
  }

  /** A login link carries a one-time code in its fragment, which no server log sees; it is used up here. */
  private async whoAmI(): Promise<string> {
    const code = new URLSearchParams(location.hash.slice(1)).get("login");
    if (code) {
      history.replaceState(null, "", location.pathname + location.search);
      await this.send("POST", "/session", { code });
    }
    return (await this.get<{ user: string }>("/session")).user;
  }

  private list(name: string): Promise<string> {
    return this.mine(`/watchlists/${encodeURIComponent(name)}`);
  }

  private destination(id: string): Promise<string> {
    return this.mine(`/destinations/${encodeURIComponent(id)}`);
  }

  private muted(symbol: string): Promise<string> {
    return this.mine(`/muted/${encodeURIComponent(symbol)}`);
  }

  private async pick(list: string, symbol: string): Promise<string> {
    return `${await this.list(list)}/symbols/${encodeURIComponent(symbol)}`;
  }

  private async send<T = void>(method: string, path: string, body?: unknown): Promise<T> {
    const text = await (await this.answer(method, path, body)).text();
    return (text ? JSON.parse(text) : undefined) as T;
  }

  private async answer(method: string, path: string, body?: unknown): Promise<Response> {
    const init: RequestInit = { method, credentials: "same-origin" };
    if (body !== undefined) {
      init.headers = { "content-type": "application/json" };
      init.body = JSON.stringify(body);
    }
    let response: Response;
    try {
      response = await fetch(API + path, init);
    } catch {
      throw new PlatformError("unavailable", t("server-silent"));
    }
    if (!response.ok) throw await problem(response);
    return response;
  }
}

/** An RFC 9457 problem document as an error. */
async function problem(response: Response): Promise<PlatformError> {
  const said = (await response.json().catch(() => ({}))) as { code?: ErrorCode; detail?: string; title?: string };
  const code = said.code ?? (response.status === 401 ? "unauthorized" : "internal");
  return new PlatformError(code, said.detail ?? said.title ?? t("server-answered", { status: response.status }));
}
