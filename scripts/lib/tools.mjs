/** The two tool chains a newcomer brings, Rust and Node's packages: are they there, and new enough? */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, npm, run, TOP } from "./shell.mjs";
import { Stop } from "./steps.mjs";

const LOCK = join(TOP, "package-lock.json");
const STAMP = join(TOP, "node_modules", ".quickstocks-lock");

/** Installs what package-lock.json says, unless node_modules came from this very file. */
export async function nodePackages(speak) {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) throw new Stop(`Node ${process.versions.node} is too old: Quickstocks needs Node 20 or newer (https://nodejs.org).`);
  const wanted = createHash("sha256").update(readFileSync(LOCK)).digest("hex");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return "ok";
  speak("Running npm ci");
  // Nothing here needs an install script, so none may run.
  const code = await run(npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"));
  if (code !== 0) throw new Stop("npm ci failed. Its message is above.");
  writeFileSync(STAMP, wanted);
  return "installed";
}

/** Checks that cargo is there and not older than Cargo.toml's rust-version. */
export function rust() {
  const found = capture(["rustc", "--version"]).out.match(/(\d+)\.(\d+)\.\d+/);
  if (!found || capture(["cargo", "--version"]).code !== 0) throw new Stop(`Rust is missing. ${HOW}`);
  const wanted = readFileSync(join(TOP, "Cargo.toml"), "utf8").match(/rust-version = "(\d+)\.(\d+)/);
  const [have, need] = [found, wanted].map(([, major, minor]) => Number(major) * 1000 + Number(minor));
  if (have < need) throw new Stop(`Rust ${found[0]} is too old: Quickstocks needs ${wanted[1]}.${wanted[2]}. Run: rustup update stable`);
  return found[0];
}

const HOW =
  process.platform === "win32"
    ? "Run this, then open a new terminal and start again:\n  winget install Rustlang.Rustup"
    : "Run this, then open a new terminal and start again:\n  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh\nor see https://rustup.rs";
