/** What a running process costs, as the kernel counts it (Linux). */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_A_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Seconds of processor time that all threads of a process have had, in user and system mode. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Resident memory in MiB: now, its own part of it (without what is mapped from files), and the most it ever was. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mebibytes = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))?.[1] ?? 0) / 1024;
  return { now: mebibytes("VmRSS"), own: mebibytes("RssAnon"), peak: mebibytes("VmHWM") };
}

/** How busy the machine is: runnable processes, averaged over a minute. */
export function load() {
  return Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
}

/** A process and all that it started, directly or not, with their command lines. */
export function family(pid) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap(known);
  const found = all.filter((each) => each.pid === pid);
  for (const parent of found) found.push(...all.filter((each) => each.parent === parent.pid));
  return found;
}

function known(name) {
  try {
    const parent = Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1).split(" ")[1]);
    return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") }];
  } catch {
    return []; // it has just ended
  }
}
