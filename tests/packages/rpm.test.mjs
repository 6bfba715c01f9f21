/** The .rpm against the .deb: the same files and scripts, and it installs, runs and goes. Its dependencies are not resolved here. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Debian } from "./support/debian.mjs";

const { DEB_OLDER: deb, RPM: rpm } = process.env;

function out(program, ...args) {
  const done = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 << 20 });
  assert.equal(done.status, 0, `${program} ${args.join(" ")}\n${done.stderr}`);
  return done.stdout;
}

describe("the .rpm", { timeout: 300_000 }, () => {
  let debian;

  before(() => {
    debian = new Debian(out("dpkg-deb", "--field", deb, "Depends").trim());
  });
  after(() => debian?.stop());

  test("holds the same files as the .deb, with the same modes", () => {
    const inDeb = out("dpkg-deb", "--contents", deb).split("\n").filter((line) => line.startsWith("-"));
    const ofDeb = inDeb.map((line) => `${line.slice(0, 10)} /${line.split(/\s+/)[5].replace(/^\.?\//, "")}`);
    const ofRpm = out("rpm", "-qp", "--queryformat", "[%{FILEMODES:perms} %{FILENAMES}\\n]", rpm).trim().split("\n");
    assert.deepEqual(ofRpm.filter((line) => line.startsWith("-")).sort(), ofDeb.sort());
  });

  test("runs the same scripts", () => {
    const names = { POSTIN: "postinst", PREUN: "prerm", POSTUN: "postrm" };
    for (const [ofRpm, ofDeb] of Object.entries(names)) {
      assert.equal(out("rpm", "-qp", "--queryformat", `%{${ofRpm}}`, rpm).trim(), out("dpkg-deb", "--info", deb, ofDeb).trim());
    }
  });

  test("asks for certificates and the libraries of the window", () => {
    const wanted = out("rpm", "-qp", "--requires", rpm);
    for (const each of ["ca-certificates", "libwebkit2gtk-4.1.so.0()(64bit)", "libgtk-3.so.0()(64bit)", "libayatana-appindicator3.so.1()(64bit)"]) assert.ok(wanted.includes(each), each);
  });

  test("installs, runs and goes without a trace", () => {
    const into = ["rpm", "--root", debian.root, "--nodeps", "--noplugins"];
    out(...into, "--install", rpm);
    assert.match(debian.run(["quickstocksd", "version"]), /^quickstocksd /);
    assert.ok(existsSync(debian.path("usr/share/applications/Quickstocks.desktop")));
    out(...into, "--erase", "quickstocks");
    const left = debian.changed().filter((path) => !/^(usr|var)\/lib\/(rpm|sysimage)/.test(path));
    // Folders that a package of every system with .rpm holds, and this Debian has none of.
    const shared = (path) => lstatSync(debian.path(path)).isDirectory() && !path.includes("quickstocks");
    assert.deepEqual(left.filter((path) => !shared(path)), []);
  });
});
