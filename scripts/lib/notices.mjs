/** The licences of the libraries inside our programs, as their terms want them handed on: each text once, with whom it is of. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture, TOP } from "./shell.mjs";
import { Stop } from "./steps.mjs";

const LICENCE_FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;

/** All of them as one text. */
export function notices() {
  const owners = new Map();
  for (const { name, folder, terms } of [...crates(), ...npmPackages()]) {
    const texts = licenceTexts(folder);
    for (const text of texts.length > 0 ? texts : [`Licence: ${terms}`]) owners.set(text, [...(owners.get(text) ?? []), name]);
  }
  const parts = [...owners].map(([text, names]) => `${names.sort().join(", ")}\n\n${text}`);
  return parts.sort().join(`\n\n${"─".repeat(80)}\n\n`) + "\n";
}

/** What cargo links or builds our programs from, without what only tests use. */
function crates() {
  const tree = ["cargo", "tree", "--locked", "--workspace", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
  const listed = capture(tree);
  const metadata = capture(["cargo", "metadata", "--locked", "--format-version=1"]);
  if (listed.code !== 0 || metadata.code !== 0) throw new Stop(`cargo could not list the libraries: ${listed.err || metadata.err}`);
  const linked = new Set(listed.out.split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")));
  const foreign = JSON.parse(metadata.out).packages.filter((each) => each.source && linked.has(`${each.name} v${each.version}`));
  return foreign.map((each) => ({ name: `${each.name} ${each.version}`, folder: dirname(each.manifest_path), terms: each.license }));
}

/** What the page is built from; the lock file knows which packages only develop it. */
function npmPackages() {
  const { packages } = JSON.parse(readFileSync(join(TOP, "package-lock.json"), "utf8"));
  const shipped = Object.entries(packages).filter(([path, each]) => path !== "" && !each.dev && !each.optional && existsSync(join(TOP, path)));
  const svelte = [["node_modules/svelte", packages["node_modules/svelte"]]]; // A tool whose runtime is in the page.
  return [...shipped, ...svelte].map(([path, each]) => ({ name: `${path.split("node_modules/").at(-1)} ${each.version}`, folder: join(TOP, path), terms: each.license }));
}

function licenceTexts(folder) {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name));
  return files.map((entry) => readFileSync(join(folder, entry.name), "utf8").replaceAll("\r\n", "\n").trim());
}
