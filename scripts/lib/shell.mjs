/** Runs other programs: with our terminal, captured, or copied into a log. Knows nothing of what they do. */
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's top folder. */
export const TOP = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The command line of npm itself, so that Windows needs no shell for it. */
export function npm(...args) {
  const cli = process.env.npm_execpath;
  return cli && cli.endsWith("js") ? [process.execPath, cli, ...args] : ["npm", ...args];
}

/** A dependency's command, run from node_modules without asking any registry. */
export function bin(name, ...args) {
  return [join(TOP, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name), ...args];
}

/**
 * Runs a command to its end and gives back what it printed; never throws.
 * @param {string[]} command
 * @returns {{code: number, out: string, err: string}} code 127 when there is no such program
 */
export function capture(command, options = {}) {
  const [file, ...args] = command;
  const done = spawnSync(file, args, { cwd: TOP, encoding: "utf8", maxBuffer: 256 << 20, shell: needsShell(file), ...options });
  if (done.error) return { code: 127, out: "", err: String(done.error.message) };
  return { code: done.status ?? 1, out: done.stdout ?? "", err: done.stderr ?? "" };
}

/** Whether a program is to be had at all. */
export function has(program) {
  return capture([program, "--version"]).code !== 127;
}

/**
 * Runs a command with its output in our terminal and, if asked, in a log file.
 * @param {string[]} command
 * @param {{env?: object, log?: string, cwd?: string, quiet?: boolean, onText?: (text: string) => void}} [options] `quiet`: not
 *   in our terminal
 * @returns {Promise<number>} its exit code, 128 + n when signal n ended it
 */
export function run(command, options = {}) {
  const { log, onText, env, quiet, cwd = TOP } = options;
  const copied = Boolean(log || onText);
  if (log) mkdirSync(dirname(log), { recursive: true });
  const file = log && createWriteStream(log, { flags: "a" });
  const child = spawn(command[0], command.slice(1), {
    cwd,
    env: { ...process.env, ...env },
    shell: needsShell(command[0]),
    stdio: copied ? ["ignore", "pipe", "pipe"] : "inherit",
  });
  for (const [from, to] of copied ? [[child.stdout, process.stdout], [child.stderr, process.stderr]] : []) {
    from.setEncoding("utf8");
    from.on("data", (text) => {
      if (!quiet) to.write(text);
      file?.write(text);
      onText?.(text);
    });
  }
  return ended(child).finally(() => file?.end());
}

/**
 * Runs a program as if it stood in our place: its terminal is ours, signals reach it, its exit code is the answer.
 * @param {string} program
 * @param {string[]} args
 */
export function become(program, args) {
  const child = spawn(program, args, { cwd: process.env.INIT_CWD ?? TOP, stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to the whole group, so the program has it already.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  return ended(child);
}

function ended(child) {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code));
  });
}

function needsShell(file) {
  return process.platform === "win32" && (file === "npm" || file.endsWith(".cmd"));
}
