/** Windows, as far as wine is that: a drive and a registry of its own, on a display that nobody sees. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run, TOP } from "../lib/shell.mjs";
import { Failed, logOf, TARGET } from "./compile.mjs";

const PREFIX = join(TARGET, "wine");
const SHIM = join(TARGET, "bcryptprimitives.dll");
/** How long anything that is waited for may take; a busy machine needs its time. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 50;

/** A drive C:, its registry, and programs that run there. */
export class Wine {
  /** What was linked for it; see `compiledForWindows`. @type {undefined | {path: string, package: string, name: string, kind: string, test: boolean}[]} */
  programs;
  #display;

  /** Makes the drive anew, once. */
  async start() {
    if (this.#display) return;
    rmSync(PREFIX, { recursive: true, force: true });
    mkdirSync(PREFIX, { recursive: true });
    this.log = logOf("wine");
    this.#display = new Program(["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], {}, logOf("display"));
    const [number] = await this.#display.says(/^\d+$/m);
    this.env = { DISPLAY: `:${number}`, WINEPREFIX: PREFIX, WINEARCH: "win64", WINEDEBUG: "-all", WINEDLLOVERRIDES: "mscoree,mshtml=", WINEPATH: this.#beside() };
    await this.#must(["wine", "wineboot", "--init"]);
    await this.#must(["x86_64-w64-mingw32-gcc", "-O1", "-shared", "-o", SHIM, join(TOP, "scripts", "foreign", "bcryptprimitives.c"), "-ladvapi32", "-static-libgcc"]);
    copyFileSync(SHIM, this.drive("windows", "system32", "bcryptprimitives.dll"));
  }

  async #must(command) {
    if ((await run(command, { env: this.env, log: this.log, quiet: true })) !== 0) throw new Failed(`${command.join(" ")} failed`, this.log);
  }

  /** Where the linked programs find the DLL that comes with Tauri: tests stand in another folder. */
  #beside() {
    return `Z:${dirname(this.program("quickstocks")).replaceAll("/", "\\")}`;
  }

  /** A file on drive C:. */
  drive(...path) {
    return join(PREFIX, "drive_c", ...path);
  }

  /** Where the app keeps what is the user's. */
  get data() {
    return this.drive("users", process.env.USER ?? "root", "AppData", "Roaming", "app.quickstocks.desktop");
  }

  /** Where a program of this name was linked to. */
  program(name) {
    return this.programs.find((program) => program.name === name && program.kind === "bin" && !program.test).path;
  }

  /** Runs a Windows program. */
  runs(file, args, { log, env = {}, cwd } = {}) {
    return new Program(["wine", file, ...args], { ...this.env, ...env }, log ?? this.log, cwd);
  }

  /** Ends everything that runs on this drive, and removes it. */
  async stop() {
    if (!this.#display) return;
    await run(["wineserver", "-k"], { env: this.env, quiet: true });
    this.#display.child.kill();
    await this.#display.ended;
    rmSync(PREFIX, { recursive: true, force: true });
  }
}

/** A program that runs, and what it writes into its log. */
export class Program {
  constructor([file, ...args], env, log, cwd = TOP) {
    mkdirSync(dirname(log), { recursive: true });
    this.log = log;
    this.from = size(log);
    const out = openSync(log, "a");
    const { QUICKSTOCKS_LOG, ...kept } = process.env;
    this.child = spawn(file, args, { cwd, env: { ...kept, ...env }, stdio: ["ignore", out, out] });
    closeSync(out);
    this.ended = new Promise((resolve) => {
      this.child.on("error", () => resolve(127));
      this.child.on("exit", (code, signal) => resolve(signal ?? code));
    });
    this.ended.then((code) => (this.code = code));
  }

  get text() {
    return readFileSync(this.log).subarray(this.from).toString();
  }

  /** Waits until it says this. */
  async says(pattern) {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const ended = this.code;
      const found = this.text.match(pattern);
      if (found) return found;
      if (ended !== undefined) throw new Failed(`it ended with ${ended} before it said ${pattern}`, this.log);
      if (Date.now() > until) throw new Failed(`it did not say ${pattern} in ${PATIENCE_MS / 1000} s`, this.log);
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Waits for its end, which must be this one. */
  async ends(wanted, patience = PATIENCE_MS) {
    const late = new AbortController();
    const code = await Promise.race([this.ended, pause(patience, "no end", { signal: late.signal }).catch(() => {})]);
    late.abort();
    if (code === "no end") this.child.kill("SIGKILL");
    if (code !== wanted) throw new Failed(`it ended with ${code}, not with ${wanted}`, this.log);
  }

  /** That it has said this, or not. */
  said(pattern, wanted = true) {
    if (pattern.test(this.text) !== wanted) throw new Failed(`it ${wanted ? "did not say" : "said"} ${pattern}`, this.log);
  }
}

function size(log) {
  try {
    return readFileSync(log).length;
  } catch {
    return 0;
  }
}
