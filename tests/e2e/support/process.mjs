/** Real processes with the lines they print. Whatever is started here is ended by the process that started it. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.mjs";

/** The project's top folder. */
export const TOP = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

const LIVING = new Set();
process.on("exit", () => {
  for (const each of LIVING) each.kill("SIGKILL");
});

/** Path of a program that cargo built; PROFILE=release takes the release build. */
export function built(program) {
  const path = join(process.env.CARGO_TARGET_DIR ?? join(TOP, "target"), process.env.PROFILE ?? "debug", program);
  if (!existsSync(path)) throw new Error(`${program} is not built: ${path} is missing`);
  return path;
}

/** A folder that is gone when the process ends. */
export function scratch(name = "quickstocks-test-") {
  const folder = mkdtempSync(join(tmpdir(), name));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** A running program: its lines as they come, its end, and a way to end it. */
export class Process {
  /**
   * @param {string} program
   * @param {string[]} args
   * @param {import("node:child_process").SpawnOptions} [options]
   */
  constructor(program, args = [], options = {}) {
    this.lines = [];
    this.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
    LIVING.add(this.child);
    this.ended = new Promise((resolve) => {
      this.child.on("error", (error) => resolve({ code: 127, signal: null, error }));
      this.child.on("close", (code, signal) => resolve({ code, signal }));
    }).then((end) => {
      LIVING.delete(this.child);
      this.end = end;
      return end;
    });
    for (const pipe of [this.child.stdout, this.child.stderr]) if (pipe) this.#read(pipe);
  }

  #read(pipe) {
    let rest = "";
    pipe.setEncoding("utf8");
    pipe.on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      this.lines.push(...lines.map(plain));
    });
    pipe.on("close", () => rest && this.lines.push(plain(rest)));
  }

  get pid() {
    return this.child.pid;
  }

  /** The first line that matches, as soon as it is there; fails early when the program ends without it. */
  async line(pattern, within = 30_000) {
    const find = () => this.lines.map((line) => line.match(pattern)).find(Boolean);
    const found = await until(`${pattern} from ${this.child.spawnfile}`, () => find() ?? this.end, { within, also: () => this.tail() });
    const hit = find();
    if (!hit) throw new Error(`${this.child.spawnfile} ended (${JSON.stringify(found)}) without ${pattern}\n${this.tail()}`);
    return hit;
  }

  /** The last lines, for a failure's message. */
  tail(count = 20) {
    return this.lines.slice(-count).map((line) => `  | ${line}`).join("\n");
  }

  kill(signal = "SIGKILL") {
    this.child.kill(signal);
  }

  /** Ends it and waits for that; SIGKILL when it does not go by itself. */
  async stop(signal = "SIGTERM", within = 10_000) {
    if (this.end) return this.end;
    this.kill(signal);
    const timer = setTimeout(() => this.kill("SIGKILL"), within);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }
}

function plain(line) {
  return line.replace(/\x1b\[[0-9;]*m/g, "").trimEnd();
}
