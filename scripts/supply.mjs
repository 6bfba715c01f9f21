/**
 * What we build on: `node scripts/supply.mjs [licences | advisories | sbom]`. `npm run check` does the first; the second asks
 * the database of known advisories on GitHub; the third writes bills of materials (CycloneDX) into target/sbom.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cargoTool } from "./lib/supply.mjs";
import { capture, npm, run, TOP } from "./lib/shell.mjs";
import { script, Stop } from "./lib/steps.mjs";

const SBOM = join(TOP, "target", "sbom");
const TASKS = {
  licences: () => deny("licenses", "bans", "sources"),
  advisories: () => deny("advisories"),
  sbom,
};

script(([task = "licences"]) => {
  if (!(task in TASKS)) throw new Stop(`There is no task “${task}”. Tasks: ${Object.keys(TASKS).join(", ")}.`);
  return TASKS[task]();
});

async function deny(...checks) {
  return run([await cargoTool("cargo-deny"), "--workspace", "--locked", "check", "--hide-inclusion-graph", ...checks]);
}

/** One for each program, and one for the page. */
async function sbom() {
  mkdirSync(SBOM, { recursive: true });
  const program = await cargoTool("cargo-cyclonedx");
  const code = await run([program, "cyclonedx", "--format", "json", "--describe", "binaries", "--no-build-deps", "--spec-version", "1.5"]);
  if (code !== 0) throw new Stop("cargo-cyclonedx failed. Its message is above.");
  const made = { "quickstocks_bin.cdx.json": "quickstocks.cdx.json", "crates/server/quickstocksd_bin.cdx.json": "quickstocksd.cdx.json" };
  for (const [from, to] of Object.entries(made)) renameSync(join(TOP, from), join(SBOM, to));
  const page = capture(npm("sbom", "--sbom-format", "cyclonedx", "--omit", "dev"));
  if (page.code !== 0) throw new Stop(`npm sbom failed: ${page.err}`);
  writeFileSync(join(SBOM, "page.cdx.json"), page.out);
}
