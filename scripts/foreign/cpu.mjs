/** How much of the processors our programs used. */
import { readFileSync } from "node:fs";

/** Linux counts them so many a second, on every machine of today. */
const TICKS = 100;

/** Seconds that all programs started from here have used, as far as they have ended. */
export function cpuSeconds() {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
  // The 16th and 17th field of all, behind the first two.
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}
