/** `npm run build`: installable bundles under target/release/bundle (.deb and .rpm on Linux). What follows `--` goes to `tauri bundle`. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { repacked } from "./lib/deb.mjs";
import { bin, run, TOP } from "./lib/shell.mjs";
import { script, Steps, Stop } from "./lib/steps.mjs";
import { builtUi } from "./lib/ui.mjs";
import { setup, SETUP_STEPS } from "./setup.mjs";

const BUNDLES = { linux: "deb,rpm", win32: "nsis", darwin: "app,dmg" };
/** Both programs: Tauri itself would build its own alone. */
const PROGRAMS = ["cargo", "build", "--locked", "--workspace", "--bin", "quickstocks", "--bin", "quickstocksd"];

script(async (args) => {
  const steps = new Steps(SETUP_STEPS + 3);
  await setup("run", steps);
  await steps.step("User interface", builtUi);
  await steps.step("Programs; a release build takes its time", async (speak) => {
    speak();
    const profile = args.includes("--debug") ? [] : ["--release"];
    if ((await run([...PROGRAMS, ...profile])) !== 0) throw new Stop("The programs did not build. The message is above.");
  });
  await steps.step("Bundles", async (speak) => {
    speak();
    const kinds = args.includes("--bundles") ? [] : ["--bundles", BUNDLES[process.platform] ?? "deb,rpm"];
    if ((await run(bin("tauri", "bundle", ...kinds, ...args))) !== 0) throw new Stop("The bundles were not made. The message is above.");
    const made = join("target", args.includes("--debug") ? "debug" : "release", "bundle");
    packages(join(TOP, made, "deb")).forEach((deb) => repacked(deb));
    return `made, under ${made}`;
  });
});

function packages(folder) {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".deb")).map((name) => join(folder, name)) : [];
}
