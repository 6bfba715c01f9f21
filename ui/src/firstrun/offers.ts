import { t } from "../i18n.svelte";

export type Offer = { title: string; picks: [symbol: string, name: string][] };

/** What the first page offers. The names are only labels: the real ones come with the quotes. */
export const offers = (): Offer[] => [
  {
    title: t("first-us"),
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
    title: t("first-world"),
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
    title: t("first-indices"),
    picks: [
      ["^GSPC", "S&P 500"],
      ["^N225", "Nikkei 225"],
      ["^FTSE", "FTSE 100"],
    ],
  },
  {
    title: t("first-others"),
    picks: [
      ["EURUSD=X", t("first-euro")],
      ["BTC-USD", "Bitcoin"],
      ["GC=F", t("first-gold")],
    ],
  },
];
