/**
 * Compiles the workspace for other systems with Debian's rustc, which has the standard library's source. clippy drives the
 * compiler in both, so that no crate is compiled twice; the two targets share a folder, and so what runs on this machine.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, TOP } from "../lib/shell.mjs";
import { LOGS } from "../lib/suites.mjs";

/** Everything compiled and run here; CI's cache, if any. */
export const TARGET = join(TOP, "target", "foreign");
const STANDARD_LIBRARY = "-Zbuild-std=std,panic_abort,panic_unwind,test";
const WINDOWS = "x86_64-pc-windows-gnu";
const MACOS = "aarch64-apple-darwin";
/** Everything but benches: those are Linux's. */
const ALL = ["--locked", "--workspace", "--lib", "--bins", "--tests"];
const STAND_INS = join(TOP, "scripts", "foreign", "macos");

/** A failure whose log is worth a look. */
export class Failed extends Error {
  constructor(message, log) {
    super(message);
    this.log = log;
  }
}

/** A log of its own for each step. */
export function logOf(name) {
  mkdirSync(LOGS, { recursive: true });
  const log = join(LOGS, `foreign-${name}.log`);
  rmSync(log, { force: true });
  return log;
}

/** Links every program and every test for Windows, and tells `wine` where they are. */
export async function compiledForWindows(wine) {
  const built = [];
  const onText = lines((line) => line.startsWith("{") && built.push(JSON.parse(line)));
  await cargo("windows", ["test", "--no-run", "--message-format=json-render-diagnostics", "--target", WINDOWS], {}, onText);
  const made = built.filter(({ reason, executable }) => reason === "compiler-artifact" && executable);
  wine.programs = made.map(({ executable, target, profile, manifest_path }) => ({
    path: executable,
    package: manifest_path.slice(TOP.length + 1).replace(/\/?Cargo\.toml$/, "") || ".",
    name: target.name,
    kind: target.kind[0],
    test: profile.test,
  }));
  return `${wine.programs.length} programs`;
}

/** Nothing is linked, so that C and Objective-C may be empty files. */
export async function compiledForMacos() {
  const sdk = join(TARGET, "empty-sdk");
  mkdirSync(sdk, { recursive: true });
  await cargo("macos", ["check", "--target", MACOS], {
    CC_aarch64_apple_darwin: join(STAND_INS, "cc"),
    CXX_aarch64_apple_darwin: join(STAND_INS, "cc"),
    AR_aarch64_apple_darwin: join(STAND_INS, "ar"),
    SDKROOT: sdk,
    MACOSX_DEPLOYMENT_TARGET: "11.0",
    PATH: `${join(STAND_INS, "bin")}:${CLEAN_PATH}`,
  });
}

/** Debian's compiler, whatever else stands in PATH. */
const CLEAN_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";

async function cargo(name, [command, ...rest], env, onText) {
  const log = logOf(name);
  const words = ["nice", "-n", "10", "/usr/bin/cargo", command, STANDARD_LIBRARY, "-Zwarnings", ...rest, ...ALL];
  const code = await run(words, { env: { ...COMPILER, ...env }, log, quiet: true, onText });
  if (code !== 0) throw new Failed("it does not compile without a warning", log);
}

const COMPILER = {
  PATH: CLEAN_PATH,
  RUSTC_BOOTSTRAP: "1",
  RUSTUP_TOOLCHAIN: undefined,
  RUSTC: undefined,
  RUSTFLAGS: undefined,
  CARGO: undefined,
  CARGO_TARGET_DIR: TARGET,
  CARGO_INCREMENTAL: "0",
  CARGO_TERM_COLOR: "never",
  CARGO_BUILD_WARNINGS: "deny",
  CARGO_PROFILE_DEV_DEBUG: "0",
  // What cargo clippy does, which cannot link, and may be another compiler's.
  RUSTC_WORKSPACE_WRAPPER: "/usr/bin/clippy-driver",
  CLIPPY_ARGS: "",
};

/** Text as it comes, in whole lines. */
function lines(each) {
  let rest = "";
  return (text) => {
    const whole = (rest + text).split("\n");
    rest = whole.pop();
    whole.forEach(each);
  };
}
