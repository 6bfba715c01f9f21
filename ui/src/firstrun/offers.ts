/** What the first page offers. The names are only labels: the real ones come with the quotes. */
export const OFFERS: { title: string; picks: [symbol: string, name: string][] }[] = [
  {
    title: "US shares",
    picks: [
      ["AAPL", "Apple"],
      ["MSFT", "Microsoft"],
      ["NVDA", "NVIDIA"],
      ["AMZN", "Amazon"],
      ["GOOGL", "Alphabet"],
      ["BRK-B", "Berkshire Hathaway"],
    ],
  },
  {
    title: "Europe and Asia",
    picks: [
      ["VOD.L", "Vodafone"],
      ["ASML.AS", "ASML"],
      ["SAP.DE", "SAP"],
      ["NESN.SW", "Nestlé"],
      ["7203.T", "Toyota"],
      ["0700.HK", "Tencent"],
    ],
  },
  {
    title: "Indices",
    picks: [
      ["^GSPC", "S&P 500"],
      ["^N225", "Nikkei 225"],
      ["^FTSE", "FTSE 100"],
    ],
  },
  {
    title: "Currencies, crypto, metals",
    picks: [
      ["EURUSD=X", "Euro / dollar"],
      ["BTC-USD", "Bitcoin"],
      ["GC=F", "Gold"],
    ],
  },
];
