/** After `npm run build`: every file that a release hands out, side by side in target/collected, with `quickstocksd` by itself. */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { notices } from "./lib/notices.mjs";
import { capture, TOP } from "./lib/shell.mjs";
import { script, Stop } from "./lib/steps.mjs";
import { version } from "./lib/version.mjs";

const BUILT = join(TOP, "target", "release");
const OUT = join(TOP, "target", "collected");
const SYSTEM = `${process.platform}-${process.arch}`;
const INSTALLERS = /\.(deb|rpm|AppImage|dmg|exe)$/;

script(() => {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const kinds = readdirSync(join(BUILT, "bundle")).map((kind) => join(BUILT, "bundle", kind));
  const found = kinds.flatMap((kind) => readdirSync(kind).filter((name) => INSTALLERS.test(name) && name.includes(version())).map((name) => join(kind, name)));
  if (found.length === 0) throw new Stop(`${join(BUILT, "bundle")} has no installer of version ${version()}. Run: npm run build`);
  for (const path of found) copyFileSync(path, join(OUT, basename(path)));
  const licences = notices();
  // The .deb and the .rpm hold it; an .exe and a .dmg have it beside them.
  writeFileSync(join(OUT, `third-party_${version()}_${SYSTEM}.txt`), licences);
  server(licences);
  for (const name of readdirSync(OUT)) process.stdout.write(`${name}\n`);
});

/** The server, its page where it looks for it, and the licences, packed; a .deb and an .rpm hold it anyway. */
function server(licences) {
  const name = `quickstocksd_${version()}_${SYSTEM}`;
  const folder = join(TOP, "target", "server", name);
  rmSync(folder, { recursive: true, force: true });
  for (const each of ["bin", "share/quickstocks"]) mkdirSync(join(folder, each), { recursive: true });
  const program = process.platform === "win32" ? "quickstocksd.exe" : "quickstocksd";
  if (!existsSync(join(BUILT, program))) throw new Stop(`${join(BUILT, program)} is missing. Run: npm run build`);
  copyFileSync(join(BUILT, program), join(folder, "bin", program));
  cpSync(join(TOP, "ui", "dist"), join(folder, "share", "quickstocks", "ui"), { recursive: true });
  for (const each of ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"]) copyFileSync(join(TOP, each), join(folder, each));
  writeFileSync(join(folder, "third-party.txt"), licences);
  const { code, err } = capture(["tar", "-czf", join("target", "collected", `${name}.tar.gz`), "-C", join("target", "server"), name]);
  if (code !== 0) throw new Stop(`tar failed: ${err}`);
}
