import type { Range } from "../bindings";

export const RANGES: { id: Range; label: string; words: string }[] = [
  { id: "1d", label: "1D", words: "today" },
  { id: "5d", label: "5D", words: "5 days" },
  { id: "1mo", label: "1M", words: "a month" },
  { id: "6mo", label: "6M", words: "6 months" },
  { id: "ytd", label: "YTD", words: "this year" },
  { id: "1y", label: "1Y", words: "a year" },
  { id: "5y", label: "5Y", words: "5 years" },
  { id: "max", label: "MAX", words: "all years" },
];
