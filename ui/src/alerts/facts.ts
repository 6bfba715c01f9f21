/** What the first screen needs to know of alerts; their words come later. Pure. */

import type { Condition, Mute, Preferences } from "../bindings";

/** A condition that a price meets at a line. */
type Line = Extract<Condition, { kind: "above" | "below" }>;

export function hasLine(rule: Condition): rule is Line {
  return rule.kind === "above" || rule.kind === "below";
}

export function muteOf({ muted }: Preferences, symbol: string): Mute | undefined {
  return muted?.find((mute) => mute.symbol === symbol);
}
