/** The window's own process: its generated commands and one channel. The only file that imports `@tauri-apps`. */

import { Channel } from "@tauri-apps/api/core";
import {
  commands,
  events,
  type Alert,
  type AlertDraft,
  type Change,
  type Destination,
  type ExportFormat,
  type ImportChoice,
  type ListView,
  type Lot,
  type MarketList,
  type MuteFor,
  type Open,
  type Preferences,
  type Range,
  type Reset,
  type StreamMessage,
  type SymbolNote,
  type UiError,
  type Watchlist,
} from "../bindings";
import { PlatformError, type Platform } from "./platform";

/** A command's own error, or the sentence with which Tauri refuses a call that no command has seen. */
async function call<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const { code, message } = (error ?? {}) as Partial<UiError>;
    throw new PlatformError(code ?? "internal", message ?? String(error));
  }
}

async function done(asked: Promise<null>): Promise<void> {
  await call(asked);
}

/** The pause before a stream that could not be opened is asked for again. */
const REOPEN_SECONDS = 2;

export class TauriPlatform implements Platform {
  stream(on: (message: StreamMessage) => void, onLost: (seconds: number | null) => void): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let closed = false;
    const open = () => {
      const channel = new Channel<StreamMessage>();
      channel.onmessage = (message) => !closed && on(message);
      call(commands.stream(channel)).then(
        () => onLost(null),
        () => {
          if (closed) return;
          onLost(REOPEN_SECONDS);
          timer = setTimeout(open, REOPEN_SECONDS * 1000);
        },
      );
    };
    open();
    return () => {
      closed = true;
      clearTimeout(timer);
    };
  }

  onOpen(open: (what: Open) => void): () => void {
    const unlisten = events.open.listen((event) => open(event.payload));
    // What was clicked before this page was there.
    void unlisten.then(() => commands.askedFor()).then((what) => what && open(what));
    return () => void unlisten.then((stop) => stop());
  }

  appInfo = () => call(commands.appInfo());
  mqttStats = () => call(commands.mqttStats());
  search = (query: string) => call(commands.search(query));
  quotes = (symbols: string[]) => call(commands.quotes(symbols));
  history = (symbol: string, range: Range) => call(commands.history(symbol, range));
  sparks = (symbols: string[]) => call(commands.sparks(symbols));
  hours = (symbols: string[]) => call(commands.hours(symbols));
  marketList = (list: MarketList) => call(commands.marketList(list));
  watchlists = () => call(commands.watchlists());
  putWatchlist = (list: Watchlist) => done(commands.putWatchlist(list));
  removeWatchlist = (name: string) => done(commands.removeWatchlist(name));
  follow = (list: string, symbol: string) => done(commands.follow(list, symbol));
  unfollow = (list: string, symbol: string) => done(commands.unfollow(list, symbol));
  renameWatchlist = (from: string, to: string) => done(commands.renameWatchlist(from, to));
  moveWatchlist = (name: string, to: number) => done(commands.moveWatchlist(name, to));
  moveSymbol = (from: string, to: string, symbol: string, at: number | null) =>
    done(commands.moveSymbol(from, to, symbol, at));
  setView = (name: string, view: ListView) => done(commands.setView(name, view));
  notes = () => call(commands.notes());
  setNote = (symbol: string, note: SymbolNote) => done(commands.setNote(symbol, note));
  holdings = () => call(commands.holdings());
  setLots = (symbol: string, lots: Lot[]) => done(commands.setLots(symbol, lots));
  valuation = (currency: string | null) => call(commands.valuation(currency));
  readImport = (text: string) => call(commands.readImport(text));
  applyImport = (text: string, choice: ImportChoice) => done(commands.applyImport(text, choice));
  exportLists = (format: ExportFormat) => call(commands.exportLists(format));
  backups = () => call(commands.backups());
  restoreBackup = (id: string) => done(commands.restoreBackup(id));
  alerts = () => call(commands.alerts());
  addAlert = (draft: AlertDraft) => call(commands.addAlert(draft));
  putAlert = (alert: Alert) => done(commands.putAlert(alert));
  removeAlert = (id: string) => done(commands.removeAlert(id));
  mute = (symbol: string, howLong: MuteFor) => done(commands.mute(symbol, howLong));
  unmute = (symbol: string) => done(commands.unmute(symbol));
  alertLog = () => call(commands.alertLog());
  markAllRead = () => done(commands.markAllRead());
  clearAlertLog = () => done(commands.clearAlertLog());
  destinations = () => call(commands.destinations());
  putDestination = (destination: Destination) => done(commands.putDestination(destination));
  removeDestination = (id: string) => done(commands.removeDestination(id));
  setDestinationSecret = (id: string, secret: string | null) => done(commands.setDestinationSecret(id, secret));
  testDestination = (id: string) => call(commands.testDestination(id));
  undelivered = () => call(commands.undelivered());
  retryUndelivered = (id: string) => done(commands.retryUndelivered(id));
  forgetUndelivered = (id: string) => done(commands.forgetUndelivered(id));
  topPicks = () => call(commands.topPicks());
  preferences = () => call(commands.preferences());
  changePreferences = (change: Preferences) => call(commands.changePreferences(change));
  quoteTopic = (symbol: string) => call(commands.quoteTopic(symbol));
  useMqttPort = (port: number) => call(commands.useMqttPort(port));
  retryNow = () => done(commands.retryNow());
  providerKeys = () => call(commands.providerKeys());
  setProviderKey = (provider: string, key: string) => done(commands.setProviderKey(provider, key));
  removeProviderKey = (provider: string) => done(commands.removeProviderKey(provider));
  settings = () => call(commands.settings());
  changeSettings = (changes: Change[]) => call(commands.changeSettings(changes));
  reset = (what: Reset) => done(commands.reset(what));
  restartApp = () => call(commands.restartApp());
  loginToken = () => call(commands.loginToken());
  painted = () => void commands.pagePainted();
  showMain = (symbol?: string) => done(commands.showMain(symbol ?? null));
  setStrip = (on: boolean) => done(commands.setStrip(on));
  dragStrip = () => done(commands.dragStrip());
  systemState = () => call(commands.systemState());
  setAutostart = (on: boolean) => done(commands.setAutostart(on));
  testNotification = () => call(commands.testNotification());
  openDataFolder = () => done(commands.openDataFolder());
  exportFile = (name: string, contents: string) => call(commands.exportFile(name, contents));
  importFile = () => call(commands.importFile());
}
