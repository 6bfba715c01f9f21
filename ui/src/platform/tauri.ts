/** The window's own process: commands and one channel. The only file that imports `@tauri-apps`. */

import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type {
  Alert,
  AlertDraft,
  History,
  Instrument,
  Preferences,
  Quote,
  Range,
  StreamMessage,
  Watchlist,
} from "../bindings";
import { PlatformError, type AppInfo, type ErrorCode, type Platform, type TopPick } from "./platform";

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    const { code, message } = (error ?? {}) as { code?: ErrorCode; message?: string };
    throw new PlatformError(code ?? "internal", message ?? String(error));
  }
}

export class TauriPlatform implements Platform {
  stream(on: (message: StreamMessage) => void): () => void {
    const channel = new Channel<StreamMessage>();
    channel.onmessage = on;
    void call("stream", { channel });
    return () => {
      channel.onmessage = () => {};
    };
  }

  onOpenSymbol(open: (symbol: string) => void): () => void {
    const unlisten = listen<string>("open-symbol", (event) => open(event.payload));
    return () => void unlisten.then((stop) => stop());
  }

  appInfo = () => call<AppInfo>("app_info");
  search = (query: string) => call<Instrument[]>("search", { query });
  quotes = (symbols: string[]) => call<Quote[]>("quotes", { symbols });
  history = (symbol: string, range: Range) => call<History>("history", { symbol, range });
  watchlists = () => call<Watchlist[]>("watchlists");
  putWatchlist = (list: Watchlist) => call<void>("put_watchlist", { list });
  removeWatchlist = (name: string) => call<void>("remove_watchlist", { name });
  follow = (list: string, symbol: string) => call<void>("follow", { list, symbol });
  unfollow = (list: string, symbol: string) => call<void>("unfollow", { list, symbol });
  alerts = () => call<Alert[]>("alerts");
  addAlert = (draft: AlertDraft) => call<Alert>("add_alert", { draft });
  putAlert = (alert: Alert) => call<void>("put_alert", { alert });
  removeAlert = (id: string) => call<void>("remove_alert", { id });
  topPicks = () => call<TopPick[]>("top_picks");
  preferences = () => call<Preferences>("preferences");
  setPreferences = (preferences: Preferences) => call<void>("set_preferences", { preferences });
  retryNow = () => call<void>("retry_now");
}
