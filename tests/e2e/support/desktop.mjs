/** A desktop of its own for one test file: display, session bus, notification service, tray, home folder. */
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { clean } from "./daemon.mjs";
import { Process, scratch } from "./process.mjs";
import { until } from "./until.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
/** The system's own Python has its D-Bus packages; another one earlier in PATH may not. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

/** What the notification service shows. */
const CAN = JSON.stringify({ capabilities: "actions body body-markup" });

/** A running desktop; `env` is what its programs get. */
export class Desktop {
  /** @param {{size?: string, bare?: boolean}} [wishes] `bare`: with neither a tray nor anybody who shows notifications */
  static async started({ size = "1280x800", bare = false } = {}) {
    const desktop = new Desktop();
    await desktop.#start(size, bare);
    return desktop;
  }

  async #start(size, bare) {
    this.home = scratch("quickstocks-home-");
    const runtime = join(this.home, "run");
    mkdirSync(runtime);
    chmodSync(runtime, 0o700);
    // Xvfb takes the first free display itself and says which.
    this.display = new Process("Xvfb", ["-displayfd", "1", "-screen", "0", `${size}x24`, "-nolisten", "tcp"], { env: clean() });
    this.bus = new Process("dbus-daemon", ["--session", "--nofork", "--print-address=1"], { env: clean({ XDG_RUNTIME_DIR: runtime }) });
    const [[number], [address]] = await Promise.all([this.display.line(/^\d+$/), this.bus.line(/^unix:.*/)]);
    const { WAYLAND_DISPLAY, XDG_DATA_HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME, ...kept } = clean();
    this.env = {
      ...kept,
      DISPLAY: `:${number}`,
      DBUS_SESSION_BUS_ADDRESS: address,
      HOME: this.home,
      XDG_RUNTIME_DIR: runtime,
      XDG_CURRENT_DESKTOP: "",
      NO_AT_BRIDGE: "1",
      LANG: "C.UTF-8",
      TZ: "America/New_York",
    };
    if (bare) return;
    this.notifier = new Process(PYTHON, ["-m", "dbusmock", "--template", "notification_daemon", "--parameters", CAN], { env: this.env });
    this.helper = new Process(PYTHON, [join(HERE, "desktop.py")], { env: this.env });
    await this.helper.line(/^desktop is up$/);
    await until("the notification service", () => this.ask("notifications"));
  }

  /** Asks the desktop's helper; answers come in the order of the questions. */
  async ask(what, ...values) {
    this.turn = (this.turn ?? Promise.resolve()).catch(() => {}).then(() => this.#exchange(what, values));
    return this.turn;
  }

  async #exchange(what, values) {
    const before = this.helper.lines.length;
    this.helper.child.stdin.write(`${JSON.stringify({ ask: what, with: values })}\n`);
    const line = await until(`an answer on ${what}`, () => this.helper.lines.slice(before).find((each) => each.startsWith("{")), { every: 10, also: () => this.helper.tail() });
    const { answer, error } = JSON.parse(line);
    if (error) throw new Error(`${what}: ${error}`);
    return answer;
  }

  /** Every notification so far: `{summary, body, actions, …}`. */
  notifications() {
    return this.ask("notifications");
  }

  /** The tray item and its menu, or nothing. */
  tray() {
    return this.ask("tray");
  }

  /** Every label of the tray's menu, top to bottom. */
  async trayLabels() {
    const flat = ({ label, children }) => [label, ...children.flatMap(flat)].filter(Boolean);
    const tray = await this.tray();
    return tray ? flat(tray.menu) : [];
  }

  /** Clicks the first entry of the tray's menu with such a label. */
  async clickTray(label) {
    const flat = (item) => [item, ...item.children.flatMap(flat)];
    const item = await until(`${label} in the tray`, async () => flat((await this.tray()).menu).find((each) => label.test(each.label)));
    return this.ask("click", item.id);
  }

  /** Keys, pointer and windows of the display, as `xdotool` has them; what it printed. */
  async xdotool(...args) {
    const { stdout } = await promisify(execFile)("xdotool", args.map(String), { env: this.env });
    return stdout.trim();
  }

  /** The windows on the display whose title matches, by their numbers. */
  async windows(title) {
    const found = await this.xdotool("search", "--onlyvisible", "--name", title).catch(() => "");
    return found.split("\n").filter(Boolean).map(Number);
  }

  /** Closes the window of that title as its user would. */
  async close(title) {
    const [window] = await until(`a window ${title}`, async () => (await this.windows(title)).length && this.windows(title));
    return this.ask("close", window);
  }

  async stop() {
    await Promise.all([this.helper, this.notifier].map((each) => each?.stop("SIGKILL")));
    await Promise.all([this.bus, this.display].map((each) => each.stop()));
  }
}
