/** Made-up lists, notes, holdings, files and backups, in memory. */

import type {
  Backups,
  ExportFormat,
  Import,
  ImportChoice,
  ListView,
  Lot,
  SymbolNote,
  Valuation,
  Watchlist,
} from "../bindings";
import { SEEDS } from "./fake-market";
import { PlatformError } from "./platform";

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

/** What the platform is asked about lists; what it is told to do stands in `calls`. */
export abstract class FakeLists {
  readonly calls: string[] = [];
  lists: Watchlist[];
  /** Its quote comes. */
  protected abstract followed(symbol: string): void;
  private noted: Record<string, SymbolNote> = {};
  private held: Record<string, Lot[]> = {};

  constructor(readonly scenario: string) {
    const symbols = scenario === "empty" ? [] : SEEDS.slice(0, 9).map(([symbol]) => symbol);
    this.lists = [
      { name: "default", symbols },
      { name: "Europe", symbols: ["VOD.L", "SAP.DE"] },
    ];
    if (scenario === "lists") this.fill();
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
    this.followed(symbol);
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
}
