/**
 * Fills in the manifests of other package managers for a release:
 * `node scripts/manifests.mjs BUNDLES REPOSITORY [OUT]`. BUNDLES is the folder with the release's files, REPOSITORY its address,
 * OUT where to (target/manifests unless said). Every place that is to be filled has to be.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TOP } from "./lib/shell.mjs";
import { script, Stop } from "./lib/steps.mjs";
import { version } from "./lib/version.mjs";

const FROM = join(TOP, "packaging");
const FOLDERS = ["aur", "flatpak", "homebrew", "winget"];
/** The files of a release that a manifest names. */
const KINDS = { DEB: /_amd64\.deb$/, DMG: /_aarch64\.dmg$/, NSIS: /_x64-setup\.exe$/ };

script(([bundles, repository, out = join(TOP, "target", "manifests")]) => {
  if (!bundles || !/^https:\/\/\S+[^/]$/.test(repository ?? "")) throw new Stop("Run: node scripts/manifests.mjs BUNDLES https://… [OUT]");
  const values = { VERSION: version(), REPOSITORY: repository, URL: `${repository}/releases/download/v${version()}`, ...files(bundles) };
  for (const path of templates()) {
    const to = join(out, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, filled(readFileSync(join(FROM, path), "utf8"), values, path));
    process.stdout.write(`${to}\n`);
  }
});

function templates() {
  return FOLDERS.flatMap((folder) => readdirSync(join(FROM, folder)).map((name) => join(folder, name)));
}

/** Name and checksum of each kind of file. */
function files(folder) {
  const names = readdirSync(folder);
  return Object.fromEntries(Object.entries(KINDS).flatMap(([kind, pattern]) => {
    const found = names.filter((name) => pattern.test(name) && name.includes(`_${version()}_`));
    if (found.length !== 1) throw new Stop(`${folder} has ${found.length} files like ${pattern} of version ${version()}; one is needed.`);
    return [[kind, found[0]], [`SHA256_${kind}`, createHash("sha256").update(readFileSync(join(folder, found[0]))).digest("hex")]];
  }));
}

function filled(text, values, path) {
  return text.replace(/@([A-Z0-9_]+)@/g, (_, name) => {
    if (!(name in values)) throw new Stop(`packaging/${path} asks for @${name}@, which nothing fills in.`);
    return values[name];
  });
}
