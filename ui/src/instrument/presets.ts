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
