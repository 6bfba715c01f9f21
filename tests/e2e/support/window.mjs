/** The desktop app in a real window, driven through WebKitWebDriver. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { Builder, Capabilities } from "selenium-webdriver";
import { listening } from "./listening.mjs";
import { Page } from "./page.mjs";
import { built, Process } from "./process.mjs";
import { until } from "./until.mjs";

/** A running app: its page, its MQTT address and its process. */
export class Window {
  /**
   * Starts the app on a desktop and waits for its window.
   * @param {import("./desktop.mjs").Desktop} desktop
   * @param {{args?: string[], env?: Record<string, string>}} [wishes]
   */
  static async opened(desktop, { args = [], env = {} } = {}) {
    const window = new Window();
    window.program = built("quickstocks");
    window.home = desktop.home;
    const port = await freePort();
    // These two tell the app's web view that it may be driven.
    const automation = { TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true" };
    const own = { QUICKSTOCKS_BROKER__LISTEN: "127.0.0.1:0", QUICKSTOCKS_PROVIDER__SIMULATED__TICK_INTERVAL: "200ms" };
    window.driverProcess = new Process("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { cwd: desktop.home, env: { ...desktop.env, ...automation, ...own, ...env } });
    await until("WebKitWebDriver", async () => (await fetch(`http://127.0.0.1:${port}/status`)).ok);
    const capabilities = new Capabilities({ browserName: "wry", "webkitgtk:browserOptions": { binary: window.program, args } });
    try {
      window.driver = await new Builder().disableEnvironmentOverrides().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
    } catch (error) {
      const said = window.driverProcess.tail();
      await window.driverProcess.stop("SIGKILL");
      throw new Error(`no window: ${error.message}\n${said}`);
    }
    window.page = new Page(window.driver);
    return window;
  }

  /** Where the app's broker listens; the app prints into its driver's output. */
  mqtt() {
    return listening(this.driverProcess, "mqtt");
  }

  /** The app's process: it is this program with our home folder. */
  get pid() {
    return readdirSync("/proc").map(Number).find((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, "") === this.program && readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HOME=${this.home}`);
      } catch {
        return false; // it has just ended, or is another's
      }
    });
  }

  /** The processes that draw its pages. */
  get webProcesses() {
    return childrenOf(this.pid).filter(({ name }) => name === "WebKitWebProces").map(({ pid }) => pid);
  }

  /** What it has printed that matches, oldest first; the app prints into its driver's output. */
  said(pattern) {
    return this.driverProcess.lines.map((line) => line.match(pattern)).filter(Boolean);
  }

  /** Drives the page that this window of the app has now. @param {"main" | "strip"} [which] */
  async follow(which = "main") {
    await until(`a page of ${which} to drive`, async () => {
      for (const handle of await this.driver.getAllWindowHandles()) {
        await this.driver.switchTo().window(handle);
        const strip = (await this.driver.getCurrentUrl()).includes("window=strip");
        if (strip === (which === "strip")) return true;
      }
      return false;
    });
    return this.page;
  }

  /** Calls a command as the page does. */
  async invoke(command, args = {}) {
    const script = "const [command, args, done] = arguments; window.__TAURI_INTERNALS__.invoke(command, args).then((answer) => done({ answer }), (error) => done({ error }));";
    const { answer, error } = await this.driver.executeAsyncScript(script, command, args);
    if (error) throw new Error(`${command}: ${JSON.stringify(error)}`);
    return answer;
  }

  /** Changes what the user chose. */
  async choose(changes) {
    await this.invoke("change_preferences", { change: changes });
  }

  /** Sends the app a signal, if it still lives. */
  signal(name) {
    const { pid } = this;
    if (pid) process.kill(pid, name);
  }

  /** Ends the app as a power cut would. */
  async kill() {
    this.signal("SIGKILL");
    await until("the app is gone", () => this.pid === undefined);
    await this.driverProcess.stop("SIGKILL");
  }

  async close() {
    await this.driver.quit().catch(() => {});
    this.signal("SIGTERM");
    await until("the app has ended", () => this.pid === undefined, { within: 10_000 }).catch(() => this.signal("SIGKILL"));
    await this.driverProcess.stop("SIGKILL");
  }
}

/** The living processes that this one started: `{pid, name}`, the name cut to 15 characters as the kernel keeps it. */
export function childrenOf(parent) {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).flatMap((pid) => {
    try {
      const [, name, state, ppid] = readFileSync(`/proc/${pid}/stat`, "utf8").match(/\((.*)\) (\S) (\d+)/);
      return Number(ppid) === parent && state !== "Z" ? [{ pid, name }] : [];
    } catch {
      return []; // it has just ended
    }
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
