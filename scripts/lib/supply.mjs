/** Programs that judge what we build on and with: fetched once, at these very versions, into target/tools. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { capture, has, run, TOP } from "./shell.mjs";
import { Stop } from "./steps.mjs";

const TOOLS = join(TOP, "target", "tools");
const CARGO_TOOLS = { "cargo-deny": "0.20.2", "cargo-cyclonedx": "0.5.9" };
const ZIZMOR = "1.32.0";

/** A program that cargo installs; a debug build does, and takes less time than it would save. */
export async function cargoTool(name) {
  const root = join(TOOLS, `${name}-${CARGO_TOOLS[name]}`);
  const program = join(root, "bin", process.platform === "win32" ? `${name}.exe` : name);
  if (existsSync(program)) return program;
  process.stdout.write(`  installing ${name} ${CARGO_TOOLS[name]} into target/tools; once, some minutes\n`);
  const command = ["cargo", "install", "--quiet", "--debug", "--locked", "--root", root, "--version", CARGO_TOOLS[name], name];
  if ((await run(command, { env: { CARGO_TARGET_DIR: join(TOOLS, "build"), CARGO_PROFILE_DEV_DEBUG: "0" } })) !== 0) throw new Stop(`${name} was not installed. The message is above.`);
  return program;
}

/** zizmor from PyPI, or nothing where there is no pip. */
export async function zizmor() {
  const root = join(TOOLS, `zizmor-${ZIZMOR}`);
  const program = join(root, "bin", "zizmor");
  if (existsSync(program)) return program;
  if (!has("python3") || capture(["python3", "-m", "pip", "--version"]).code !== 0) return undefined;
  mkdirSync(root, { recursive: true });
  const code = await run(["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--no-deps", "--target", root, `zizmor==${ZIZMOR}`]);
  if (code !== 0) throw new Stop("zizmor was not installed. The message is above.");
  return program;
}
