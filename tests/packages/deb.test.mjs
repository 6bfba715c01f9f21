/** The .deb on a bare Debian: what it brings, that it runs, survives upgrade and downgrade, and leaves nothing behind. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { listening } from "../e2e/support/listening.mjs";
import { Process } from "../e2e/support/process.mjs";
import { until } from "../e2e/support/until.mjs";
import { Booted } from "./support/booted.mjs";
import { Debian, USER } from "./support/debian.mjs";

const { DEB_OLDER: older, DEB_NEWER: newer } = process.env;
/** No network, and ports of its own. */
const APART = { QUICKSTOCKS_FEED__PROVIDER: "simulated", QUICKSTOCKS_BROKER__LISTEN: "127.0.0.1:0", QUICKSTOCKS_API__LISTEN: "127.0.0.1:0" };
const DATA = `home/${USER}/.local/share/app.quickstocks.desktop`;
const UNITS = ["quickstocksd.service", "quickstocksd@.service"];

function checked(command, options) {
  const done = spawnSync(command[0], command.slice(1), { encoding: "utf8", ...options });
  assert.equal(done.status, 0, `${command.join(" ")}\n${done.stdout}\n${done.stderr}`);
  return done.stdout + done.stderr;
}

function field(deb, name) {
  return checked(["dpkg-deb", "--field", deb, name]).trim();
}

describe("the .deb on a bare Debian", { timeout: 900_000 }, () => {
  let debian;

  before(() => {
    debian = new Debian(field(older, "Depends"));
  });
  after(() => debian?.stop());

  function install(deb) {
    writeFileSync(debian.path("tmp", basename(deb)), readFileSync(deb));
    return debian.run(["apt-get", "install", "-y", "--no-install-recommends", "--allow-downgrades", `/tmp/${basename(deb)}`]);
  }

  /** Runs the daemon as the user, gives it to `work` as a client sees it, and ends it. */
  async function withDaemon(work) {
    const daemon = debian.start(["quickstocksd"], { user: USER, env: APART });
    await daemon.line(/^ready$/);
    const { host, port } = await listening(daemon, "api");
    const token = readFileSync(debian.path(DATA, "token"), "utf8").trim();
    const call = (path, init) => fetch(`http://${host}:${port}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
    await work({ call, token });
    assert.equal((await daemon.stop()).code, 0, daemon.tail());
  }

  async function follow(call, symbol) {
    const answer = await call(`/api/v1/users/me/watchlists/default/symbols/${symbol}`, { method: "PUT" });
    assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
  }

  async function followed(call) {
    const { symbols } = await (await call("/api/v1/users/me/watchlists/default")).json();
    return symbols;
  }

  test("installs with what it depends on, and nothing else", () => {
    assert.match(install(older), /0 upgraded, 1 newly installed/);
    assert.equal(debian.run(["dpkg", "--verify", "quickstocks"]), "");
    const brought = debian.changed();
    assert.deepEqual(brought.filter((path) => !path.startsWith("usr/")), []);
    for (const program of ["quickstocks", "quickstocksd"]) assert.ok(brought.includes(`usr/bin/${program}`));
  });

  test("asks for no newer C library than it says", () => {
    const said = field(older, "Depends").match(/libc6 \(>= ([\d.]+)\)/)[1];
    const wanted = ["quickstocks", "quickstocksd"].flatMap((program) => [...checked(["objdump", "-T", debian.path("usr/bin", program)]).matchAll(/GLIBC_([\d.]+)/g)].map(([, version]) => version));
    assert.deepEqual(wanted.filter((version) => version.localeCompare(said, "en", { numeric: true }) > 0), []);
  });

  test("its desktop file, AppStream data and manual page are in order", () => {
    const desktop = debian.path("usr/share/applications/Quickstocks.desktop");
    assert.equal(checked(["desktop-file-validate", desktop]), "");
    checked(["appstreamcli", "validate", "--no-net", debian.path("usr/share/metainfo/app.quickstocks.desktop.metainfo.xml")]);
    const page = checked(["man", "--warnings", "--local-file", debian.path("usr/share/man/man1/quickstocksd.1.gz")], { env: { ...process.env, MANPAGER: "cat" } });
    for (const said of ["COMMANDS", "--data-dir", "user add", "EXIT STATUS"]) assert.ok(page.includes(said), said);
    assert.doesNotMatch(page, /warning:/);
    for (const size of ["32x32", "128x128", "256x256"]) assert.ok(existsSync(debian.path(`usr/share/icons/hicolor/${size}/apps/quickstocks.png`)), size);
  });

  test("the daemon answers, with its web page, and keeps what it is told", () =>
    withDaemon(async ({ call }) => {
      assert.match(await (await call("/")).text(), /<div id="app"|<script type="module"/);
      await follow(call, "TSLA");
    }));

  test("the app passes its own examination", () => {
    const desktop = debian.start(["quickstocks", "--selftest"], { user: USER, env: APART });
    return desktop.ended.then((end) => assert.equal(end.code, 0, desktop.tail(40)));
  });

  test("the app shows its window", async (t) => {
    // Open to every user of this machine, as the app's is not ours.
    const screen = new Process("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-ac"]);
    t.after(() => screen.stop());
    const env = { ...process.env, DISPLAY: `:${await screen.line(/^\d+$/)}` };
    const app = debian.start(["quickstocks"], { user: USER, env: APART, display: env.DISPLAY });
    t.after(() => app.stop());
    const named = readFileSync(debian.path("usr/share/applications/Quickstocks.desktop"), "utf8").match(/^StartupWMClass=(.*)$/m)[1];
    const window = () => spawnSync("xdotool", ["search", "--onlyvisible", "--classname", `^${named}$`], { env }).stdout.length > 0;
    await until("a window of the class that the desktop file names", window, { within: 90_000, also: () => app.tail() });
    await until("more than an empty page", () => colours(env) > 64, { within: 60_000, also: () => app.tail() });
    assert.equal((await app.stop()).code, 0, app.tail());
  });

  test("an upgrade and a downgrade keep everything", async () => {
    let first;
    await withDaemon(async ({ token }) => { first = token; });
    install(newer);
    assert.equal(debian.run(["dpkg-query", "-W", "-f", "${Version}", "quickstocks"]), field(newer, "Version"));
    await withDaemon(async ({ call, token }) => {
      assert.equal(token, first);
      assert.ok((await followed(call)).includes("TSLA"));
      await follow(call, "AMZN");
    });
    install(older);
    await withDaemon(async ({ call, token }) => {
      assert.equal(token, first);
      for (const symbol of ["TSLA", "AMZN"]) assert.ok((await followed(call)).includes(symbol), symbol);
    });
  });

  test("the service is off until it is enabled, runs shut in, and says when it is ready", async (t) => {
    mkdirSync(debian.path("etc/default"), { recursive: true });
    writeFileSync(debian.path("etc/default/quickstocksd"), "QUICKSTOCKS_FEED__PROVIDER=simulated\n");
    const system = await Booted.up(debian.root);
    t.after(() => system.down());
    for (const unit of UNITS) assert.equal(system.run(["systemctl", "is-enabled", unit]).out, "disabled");
    assert.equal(system.run(["systemd-analyze", "verify", "--man=no", ...UNITS.map((unit) => `/usr/lib/systemd/system/${unit}`)]).err, "");
    assert.equal(system.run(["systemctl", "is-active", "quickstocksd"]).out, "inactive");
    impatient(system);
    const started = system.run(["systemctl", "enable", "--now", "quickstocksd"]);
    assert.equal(started.code, 0, `${started.err}\n${system.run(["journalctl", "--unit=quickstocksd"]).out}`);
    assert.equal(system.run(["systemctl", "is-active", "quickstocksd"]).out, "active");
    assert.notEqual(system.run(["systemctl", "show", "--value", "--property=UID", "quickstocksd"]).out, "0");
    assert.equal(system.run(["stat", "--format=%a", "/var/lib/private/quickstocks/token"]).out, "600");
    const alive = () => system.run(["systemctl", "show", "--value", "--property=WatchdogTimestampMonotonic", "quickstocksd"]).out;
    const first = alive();
    await until("the daemon says again that it is alive", () => alive() !== first);
    assert.equal(system.run(["systemctl", "reload", "quickstocksd"]).code, 0);
    const restarted = system.run(["dpkg-reconfigure", "--frontend=noninteractive", "quickstocks"]);
    assert.equal(restarted.code, 0, restarted.err);
    assert.equal(system.run(["systemctl", "is-active", "quickstocksd"]).out, "active");
    const removed = system.run(["dpkg", "--remove", "quickstocks"]);
    assert.equal(removed.code, 0, removed.err);
    assert.equal(system.run(["pgrep", "quickstocksd"]).out, "");
    await system.down();
    assert.ok(existsSync(debian.path("var/lib/private/quickstocks/token")), "removed, not purged: its data stays");
  });

  /** A watchdog that wants to hear more often than one would wait for in a test. */
  function impatient(system) {
    const folder = "/run/systemd/system/quickstocksd.service.d";
    system.run(["sh", "-c", `mkdir -p ${folder} && printf '[Service]\\nWatchdogSec=10\\n' > ${folder}/impatient.conf && systemctl daemon-reload`]);
  }

  test("purged, it leaves nothing but what is the user's", () => {
    debian.run(["dpkg", "--purge", "quickstocks"]);
    debian.run(["rm", "/etc/default/quickstocksd"]);
    assert.deepEqual(debian.changed(), []);
    assert.deepEqual(readdirSync(debian.path("var/lib")).filter((name) => name.startsWith("quickstocks")), []);
    assert.ok(existsSync(join(debian.root, DATA, "token")), "the user's own data is the user's");
  });
});

/** How many colours the screen shows: an empty window has one or two. */
function colours(env) {
  const shot = spawnSync("import", ["-window", "root", "png:-"], { env });
  return Number(spawnSync("identify", ["-format", "%k", "png:-"], { input: shot.stdout, encoding: "utf8" }).stdout);
}
