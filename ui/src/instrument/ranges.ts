import type { Range } from "../bindings";

/** What a chart can show, shortest first. */
export const RANGES: Range[] = ["1d", "5d", "1mo", "6mo", "ytd", "1y", "5y", "max"];
