import type { MarketList } from "../bindings";

/** Symbols shown beside one's own. Their prices are live; the choice is ours. */
export const PRESETS = [
  {
    id: "technology",
    symbols: ["AMD", "AVGO", "CRM", "ORCL", "SAP.DE", "AMZN", "GOOGL", "META"],
  },
  {
    id: "markets",
    symbols: ["^GSPC", "^IXIC", "^FTSE", "^N225", "GC=F", "^GDAXI", "^STOXX50E", "CL=F"],
  },
] as const;

/** Lists of the market that can take the place of the set of markets. */
export const LISTS: MarketList[] = ["trending", "most-active", "gainers", "losers"];
