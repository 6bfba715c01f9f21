/**
 * `npm run check:packages`: packs the debug programs and installs them on a bare Debian. Needs root, for the system it makes.
 * The bare system is kept under target/debian.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setup, SETUP_STEPS } from "./setup.mjs";
import { packTried } from "./lib/pack.mjs";
import { run, TOP } from "./lib/shell.mjs";
import { script, Steps, Stop } from "./lib/steps.mjs";
import { builtUi } from "./lib/ui.mjs";
import { version } from "./lib/version.mjs";

script(async () => {
  if (process.platform !== "linux" || process.getuid() !== 0) throw new Stop('This makes a Debian of its own, which only root on Linux may. Run: sudo env "PATH=$PATH" npm run check:packages');
  const steps = new Steps(SETUP_STEPS + 3);
  await setup("packages", steps);
  await steps.step("User interface", builtUi);
  await steps.step("Programs", programs);
  const packages = {};
  await steps.step("Packages of two versions", async (speak) => {
    speak();
    Object.assign(packages, await packed());
  });
  const folder = join(TOP, "tests", "packages");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.mjs")).map((name) => join(folder, name));
  return run([process.execPath, "--test", "--test-concurrency=1", "--test-force-exit", "--test-reporter=spec", ...files.sort()], { env: packages });
});

async function programs(speak) {
  speak();
  const code = await run(["cargo", "build", "--bin", "quickstocks", "--bin", "quickstocksd", "--workspace"]);
  if (code !== 0) throw new Stop("The programs did not build. The message is above.");
}

async function packed() {
  const own = await packTried(version(), "deb,rpm");
  const newer = await packTried(version().replace(/^\d+/, (major) => Number(major) + 1), "deb");
  return { DEB_OLDER: own.deb, DEB_NEWER: newer.deb, RPM: own.rpm };
}
