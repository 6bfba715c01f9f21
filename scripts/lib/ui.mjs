/** The built UI in ui/dist: rebuilt when anything it is made from is newer, and light enough to start with. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { npm, run, TOP } from "./shell.mjs";
import { Stop } from "./steps.mjs";

const DIST = join(TOP, "ui", "dist");
const BUILT = join(DIST, "index.html");
/** JavaScript that is fetched before the first price is shown, packed: the chart and the language's texts come apart. */
const FIRST_LOAD_KB_MAX = 60;
const NOT_SOURCES = new Set(["dist", "node_modules", "coverage", ".svelte-kit"]);

/** Builds ui/dist unless it is newer than everything it is made from. */
export async function builtUi(speak) {
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs >= newest()) return "up to date";
  speak();
  if ((await run(npm("run", "--silent", "build:ui"))) !== 0) throw new Stop("The UI did not build. The message is above.");
  return "built";
}

function newest() {
  return Math.max(newestIn(join(TOP, "ui")), newestIn(join(TOP, "locales")), ...["package.json", "package-lock.json"].map((name) => statSync(join(TOP, name)).mtimeMs));
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

/** A line where the first load is too heavy: the page's own scripts, those they import, and the larger platform. */
export function heavyStart() {
  const own = [...readFileSync(BUILT, "utf8").matchAll(/(?:src|href)="\/?(assets\/[^"]+\.js)"/g)].map(([, path]) => path);
  const platforms = readdirSync(join(DIST, "assets")).filter((name) => /^(tauri|web)-.*\.js$/.test(name));
  const platform = Math.max(0, ...platforms.map((name) => packed(join("assets", name))));
  const kb = (own.reduce((sum, path) => sum + packed(path), 0) + platform) / 1000;
  const said = `first load: ${kb.toFixed(1)} kB of JavaScript, packed; ${FIRST_LOAD_KB_MAX} at the most`;
  process.stdout.write(`  ${said}\n`);
  return own.length > 0 && kb <= FIRST_LOAD_KB_MAX ? [] : ["too heavy: fetch what the first prices do without in ui/src/lazy.ts"];
}

function packed(path) {
  return gzipSync(readFileSync(join(DIST, path))).length;
}
