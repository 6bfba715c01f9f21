/** What a release is made of: one version everywhere, manifests that can be filled in, units that do not drift apart. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { version } from "../../scripts/lib/version.mjs";
import { built, scratch, TOP } from "./support/process.mjs";

const REPOSITORY = "https://example.org/quickstocks";

function text(...path) {
  return readFileSync(join(TOP, ...path), "utf8");
}

function run(program, ...args) {
  return spawnSync(program, args, { cwd: TOP, encoding: "utf8" });
}

describe("the version", () => {
  test("stands in Cargo.toml, and what has to repeat it says the same", () => {
    const lock = JSON.parse(text("package-lock.json"));
    assert.deepEqual([JSON.parse(text("package.json")).version, lock.version, lock.packages[""].version], [version(), version(), version()]);
    assert.equal(JSON.parse(text("tauri.conf.json")).version, undefined, "Tauri takes it from Cargo.toml");
    assert.equal(run(built("quickstocksd"), "version").stdout.trim(), `quickstocksd ${version()}`);
  });

  test("is the one that the changelog leads to", () => {
    const changelog = text("CHANGELOG.md");
    assert.ok(changelog.includes(`## [${version()}]`) || changelog.includes(`To be ${version()}`), "a heading, or what is to be it");
  });
});

describe("the manifests of other package managers", () => {
  const bundles = scratch("quickstocks-bundles-");
  const out = scratch("quickstocks-manifests-");
  const names = { deb: `Quickstocks_${version()}_amd64.deb`, dmg: `Quickstocks_${version()}_aarch64.dmg`, exe: `Quickstocks_${version()}_x64-setup.exe` };
  const filled = (...path) => readFileSync(join(out, ...path), "utf8");
  const sum = (name) => createHash("sha256").update(name).digest("hex");

  test("say what is missing", () => {
    const done = run(process.execPath, "scripts/manifests.mjs", bundles, REPOSITORY, out);
    assert.equal(done.status, 1);
    assert.match(done.stderr, /has 0 files like .*one is needed/);
  });

  test("are filled in, every place of them", () => {
    for (const name of Object.values(names)) writeFileSync(join(bundles, name), name);
    const done = run(process.execPath, "scripts/manifests.mjs", bundles, REPOSITORY, out);
    assert.equal(done.status, 0, done.stderr);
    for (const path of done.stdout.trim().split("\n")) {
      const manifest = readFileSync(path, "utf8");
      assert.doesNotMatch(manifest, /@[A-Z0-9_]+@/, path);
      assert.ok(manifest.includes(version()), path);
    }
  });

  test("are what their package managers read", () => {
    const winget = ["", ".installer", ".locale.en-US"].map((part) => yaml("winget", `Quickstocks.Quickstocks${part}.yaml`));
    assert.deepEqual(new Set(winget.map((each) => `${each.PackageIdentifier} ${each.PackageVersion}`)).size, 1);
    assert.deepEqual(winget[1].Installers[0], { Architecture: "x64", InstallerUrl: `${REPOSITORY}/releases/download/v${version()}/${names.exe}`, InstallerSha256: sum(names.exe) });
    const flatpak = yaml("flatpak", "app.quickstocks.desktop.yml");
    assert.equal(flatpak.id, JSON.parse(text("tauri.conf.json")).identifier);
    assert.equal(flatpak.modules[0].sources[0].sha256, sum(names.deb));
    assert.ok(filled("homebrew", "quickstocks.rb").includes(`sha256 "${sum(names.dmg)}"`));
  });

  test("the AUR's two files say the same, and bash reads the one", () => {
    const script = 'source "$0"; printf "%s\\n" "$pkgname" "$pkgver" "$url" "${source[0]}" "${sha256sums[0]}" "${depends[@]}"';
    const done = run("bash", "-euc", script, join(out, "aur", "PKGBUILD"));
    assert.equal(done.status, 0, done.stderr);
    const info = (key) => [...filled("aur", ".SRCINFO").matchAll(new RegExp(`^\\s*${key} = (.*)$`, "gm"))].map(([, value]) => value);
    const keys = ["pkgbase", "pkgver", "url", "source", "sha256sums", "depends"];
    assert.deepEqual(done.stdout.trim().split("\n"), keys.flatMap(info));
  });

  test("Homebrew's is Ruby", { skip: run("ruby", "--version").error && "no Ruby here" }, () => {
    const done = run("ruby", "-c", join(out, "homebrew", "quickstocks.rb"));
    assert.equal(done.status, 0, done.stderr);
  });

  function yaml(...path) {
    const [document, ...more] = parseAllDocuments(filled(...path));
    assert.deepEqual([document.errors, document.warnings, more], [[], [], []], path.join("/"));
    return document.toJS();
  }
});

describe("the packages' parts", () => {
  test("both units shut the service in alike", () => {
    const shutIn = (name) => {
      const unit = text("packaging", "linux", "systemd", name);
      return unit.slice(unit.indexOf("ExecReload="), unit.indexOf("[Install]"));
    };
    assert.equal(shutIn("quickstocksd.service"), shutIn("quickstocksd@.service"));
  });

  test("the manual page says every command and option that the program says", () => {
    const page = run(built("quickstocksd"), "man").stdout.replaceAll("\\-", "-").replaceAll("\\fR", "").replaceAll("\\fB", "");
    const help = run(built("quickstocksd"), "--help").stdout;
    const words = [...help.matchAll(/^ {2,6}(?:-\w, )?(--[\w-]+|[a-z]+)(?= {2}| <|$)/gm)].map(([, word]) => word).filter((word) => word !== "help");
    assert.ok(words.length > 8, help);
    assert.deepEqual(words.filter((word) => !page.includes(word)), []);
  });
});
