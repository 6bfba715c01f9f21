/** The design's colours for a canvas, which reads no style sheet. */

const TOKENS = {
  up: "--up",
  upT: "--up-t",
  down: "--down",
  downT: "--down-t",
  t2: "--t2",
  t3: "--t3",
  sunk: "--sunk",
  grid: "--grid",
  ext: "--ext",
  vol: "--vol",
  ctl: "--ctl",
  accent: "--accent",
  inv: "--inv",
} as const;

export type Colours = Record<keyof typeof TOKENS, string>;

export function colours(node: HTMLElement): Colours {
  const style = getComputedStyle(node);
  const read = ([name, token]: [string, string]) => [name, style.getPropertyValue(token).trim()];
  return Object.fromEntries(Object.entries(TOKENS).map(read)) as Colours;
}
