/** Memory that would be free if a process ended (Linux): its private pages, USS. */
import { readFileSync } from "node:fs";

/** In MiB. */
export function privateMemory(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kibibytes = ["Private_Clean", "Private_Dirty"].map((name) => Number(rollup.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))?.[1] ?? 0));
  return (kibibytes[0] + kibibytes[1]) / 1024;
}
