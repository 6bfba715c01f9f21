/** The built UI in ui/dist: rebuilt when anything it is made from is newer. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { npm, run, TOP } from "./shell.mjs";
import { Stop } from "./steps.mjs";

const BUILT = join(TOP, "ui", "dist", "index.html");
const NOT_SOURCES = new Set(["dist", "node_modules", "coverage", ".svelte-kit"]);

/** Builds ui/dist unless it is newer than everything it is made from. */
export async function builtUi(speak) {
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs >= newest()) return "up to date";
  speak();
  if ((await run(npm("run", "--silent", "build:ui"))) !== 0) throw new Stop("The UI did not build. The message is above.");
  return "built";
}

function newest() {
  return Math.max(newestIn(join(TOP, "ui")), ...["package.json", "package-lock.json"].map((name) => statSync(join(TOP, name)).mtimeMs));
}

function newestIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !NOT_SOURCES.has(entry.name))
    .map((entry) => join(folder, entry.name))
    .reduce((latest, path) => {
      const stat = statSync(path);
      return Math.max(latest, stat.isDirectory() ? newestIn(path) : stat.mtimeMs);
    }, 0);
}
