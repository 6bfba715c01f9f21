/** `npm run build`: installable bundles under target/release/bundle (.deb and .rpm on Linux). */
import { bin, run } from "./lib/shell.mjs";
import { script, Steps, Stop } from "./lib/steps.mjs";
import { setup, SETUP_STEPS } from "./setup.mjs";

const BUNDLES = { linux: "deb,rpm", win32: "nsis", darwin: "app,dmg" };

script(async (args) => {
  const steps = new Steps(SETUP_STEPS + 1);
  await setup("run", steps);
  await steps.step("Bundles; a release build takes its time", async (speak) => {
    speak();
    const code = await run(bin("tauri", "build", "--bundles", BUNDLES[process.platform] ?? "deb,rpm", ...args));
    if (code !== 0) throw new Stop("The bundles were not made. The message is above.");
    return "made, under target/release/bundle";
  });
});
