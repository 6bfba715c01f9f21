/**
 * The files that the .deb and the .rpm hold beside what Tauri puts there itself, laid out under target/package/usr. Run by
 * the bundler (`beforeBundleCommand` in tauri.conf.json), when the programs are built.
 */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { notices } from "./lib/notices.mjs";
import { capture, TOP } from "./lib/shell.mjs";
import { script, Stop } from "./lib/steps.mjs";
import { version } from "./lib/version.mjs";

const LINUX = join(TOP, "packaging", "linux");
const USR = join(TOP, "target", "package", "usr");
const DOC = "share/doc/quickstocks";
const METAINFO = "app.quickstocks.desktop.metainfo.xml";

script(() => {
  if (process.platform !== "linux") return;
  rmSync(USR, { recursive: true, force: true });
  const daemon = join(process.env.CARGO_TARGET_DIR ?? join(TOP, "target"), process.env.TAURI_ENV_DEBUG === "true" ? "debug" : "release", "quickstocksd");
  if (!existsSync(daemon)) throw new Stop(`${daemon} is missing: npm run build makes both programs, then the packages.`);
  copied(daemon, "bin/quickstocksd", 0o755);
  cpSync(join(TOP, "ui", "dist"), placed("share/quickstocks/ui"), { recursive: true });
  written("share/man/man1/quickstocksd.1.gz", packed(printed([daemon, "man"])));
  written(`share/metainfo/${METAINFO}`, filled(readFileSync(join(LINUX, METAINFO), "utf8")));
  copied(join(TOP, "src-tauri", "icons", "source.svg"), "share/icons/hicolor/scalable/apps/quickstocks.svg");
  copied(join(TOP, "src-tauri", "icons", "128x128@2x.png"), "share/icons/hicolor/256x256/apps/quickstocks.png");
  for (const unit of ["quickstocksd.service", "quickstocksd@.service"]) copied(join(LINUX, "systemd", unit), `lib/systemd/system/${unit}`);
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) copied(join(TOP, licence), `${DOC}/${licence}`);
  copied(join(LINUX, "copyright"), `${DOC}/copyright`);
  written(`${DOC}/changelog.gz`, packed(readFileSync(join(TOP, "CHANGELOG.md"))));
  written(`${DOC}/third-party.txt.gz`, packed(notices()));
});

/** Where a file goes, with its folder made. */
function placed(path) {
  const place = join(USR, path);
  mkdirSync(dirname(place), { recursive: true });
  return place;
}

function copied(from, to, mode = 0o644) {
  copyFileSync(from, placed(to));
  chmodSync(join(USR, to), mode);
}

function written(path, content) {
  writeFileSync(placed(path), content, { mode: 0o644 });
}

/** Without a time inside, so that the same input packs to the same bytes. */
function packed(content) {
  return gzipSync(content, { level: 9 });
}

function printed(command) {
  const { code, out, err } = capture(command);
  if (code !== 0) throw new Stop(`${command.join(" ")} failed: ${err}`);
  return out;
}

/** The version, and the day of the commit that is packed: a checkout without git has today's. */
function filled(text) {
  const day = capture(["git", "log", "-1", "--format=%cs"]).out.trim() || new Date().toISOString().slice(0, 10);
  return text.replaceAll("@VERSION@", version()).replaceAll("@DATE@", day);
}
