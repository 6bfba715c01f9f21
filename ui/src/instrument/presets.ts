import type { MarketList } from "../bindings";

/** Symbols shown beside one's own. Their prices are live; the choice is ours. */
export const PRESETS = [
  {
    title: "Technology",
    note: "US and Europe",
    symbols: ["AMD", "AVGO", "CRM", "ORCL", "SAP.DE", "AMZN", "GOOGL", "META"],
  },
  {
    title: "Markets",
    note: "indices, gold",
    symbols: ["^GSPC", "^IXIC", "^FTSE", "^N225", "GC=F", "^GDAXI", "^STOXX50E", "CL=F"],
  },
];

/** The set whose place the lists of the market can take. */
export const MARKETS = "Markets";

/** Lists of the market, as their tabs call them. */
export const LISTS: { list: MarketList; title: string }[] = [
  { list: "trending", title: "Trending" },
  { list: "most-active", title: "Active" },
  { list: "gainers", title: "Gainers" },
  { list: "losers", title: "Losers" },
];
