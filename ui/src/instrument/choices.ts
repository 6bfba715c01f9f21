/** How charts are looked at on this screen: kept by the page itself, for another screen may want it otherwise. */

export const STYLES = ["line", "candles"] as const;
export type ChartStyle = (typeof STYLES)[number];

const KEY = "chart-style";

export function chosenStyle(): ChartStyle {
  try {
    return STYLES.find((style) => style === localStorage.getItem(KEY)) ?? "line";
  } catch {
    // A browser may keep nothing for us.
    return "line";
  }
}

export function chooseStyle(style: ChartStyle): void {
  try {
    localStorage.setItem(KEY, style);
  } catch {
    // It counts until the page is closed.
  }
}
