/** Packages from programs that are built already: by the Tauri bundler, without compiling anything. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { repacked } from "./deb.mjs";
import { bin, capture, run, TOP } from "./shell.mjs";
import { Stop } from "./steps.mjs";

/** Where stripped copies of the debug programs are packed: another target folder, as the bundler sees it. */
const TRIED = join(TOP, "target", "tried");
/** Nobody downloads these. */
const QUICK = { bundle: { linux: { rpm: { compression: { type: "gzip", level: 1 } } } } };
const PROGRAMS = ["quickstocks", "quickstocksd"];

/**
 * Packs the debug programs under a version number of its own.
 * @param {string} version
 * @param {string} kinds such as `deb,rpm`
 * @returns {Promise<Record<string, string>>} the file of each kind
 */
export async function packTried(version, kinds) {
  mkdirSync(join(TRIED, "debug"), { recursive: true });
  for (const program of PROGRAMS) stripped(join(TOP, "target", "debug", program), join(TRIED, "debug", program));
  const command = bin("tauri", "bundle", "--debug", "--bundles", kinds, "--config", JSON.stringify({ version, ...QUICK }));
  if ((await run(command, { env: { CARGO_TARGET_DIR: TRIED, CI: "true" } })) !== 0) throw new Stop("The packages were not made. The message is above.");
  const packages = Object.fromEntries(kinds.split(",").map((kind) => [kind, only(kind, version)]));
  repacked(packages.deb, 0);
  return packages;
}

/** With line tables inside, a debug program is ten times the size of what it does. */
function stripped(from, to) {
  if (!existsSync(from)) throw new Stop(`${from} is missing. Run: cargo build --bin quickstocks --bin quickstocksd --workspace`);
  if (existsSync(to) && statSync(to).mtimeMs > statSync(from).mtimeMs) return;
  rmSync(to, { force: true });
  copyFileSync(from, to);
  const { code, err } = capture(["strip", to]);
  if (code !== 0) throw new Stop(`${to} was not stripped: ${err}`);
}

function only(kind, version) {
  const folder = join(TRIED, "debug", "bundle", kind);
  const [name] = readdirSync(folder).filter((each) => each.includes(version) && each.endsWith(`.${kind}`));
  if (!name) throw new Stop(`${folder} has no package of version ${version}.`);
  return join(folder, name);
}
