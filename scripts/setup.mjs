/** Brings in what is missing: system packages, Node packages; says how to get Rust. `node scripts/setup.mjs [server|run|test|packages]` */
import { pathToFileURL } from "node:url";
import { systemPackages } from "./lib/packages.mjs";
import { nodePackages, rust } from "./lib/tools.mjs";
import { script, Steps } from "./lib/steps.mjs";

/** How many steps `setup` takes of a script's count. */
export const SETUP_STEPS = 3;

/**
 * Makes this machine ready for a level; throws `Stop` with the command to run where it cannot.
 * @param {"server" | "run" | "test" | "packages"} level
 * @param {Steps} steps
 */
export async function setup(level, steps) {
  await steps.step("System packages", (speak) => systemPackages(level, speak));
  await steps.step("Rust", rust);
  await steps.step("Node packages", nodePackages);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  script(async ([level = "run"]) => setup(level, new Steps(SETUP_STEPS)));
}
