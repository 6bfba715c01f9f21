/** `npm start`: sets up what is missing, builds, and runs the desktop app, or `quickstocksd` where there is no display. */
import { join } from "node:path";
import { builtUi } from "./lib/ui.mjs";
import { become, run, TOP } from "./lib/shell.mjs";
import { script, Steps, Stop } from "./lib/steps.mjs";
import { setup, SETUP_STEPS } from "./setup.mjs";

const DESKTOP = { level: "run", cargoPackage: "quickstocks", program: "quickstocks", title: "Desktop app" };
const SERVER = { level: "server", cargoPackage: "quickstocks-server", program: "quickstocksd", title: "Server (there is no display)" };

function hasDisplay() {
  return process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

async function cargoBuild({ cargoPackage, program, title }, speak) {
  speak();
  const code = await run(["cargo", "build", "--package", cargoPackage, "--bin", program]);
  if (code !== 0) throw new Stop(`${title} did not build. The compiler's message is above.`);
  return "built";
}

script(async (args) => {
  const what = hasDisplay() ? DESKTOP : SERVER;
  const steps = new Steps(SETUP_STEPS + 2);
  await setup(what.level, steps);
  await steps.step("User interface", builtUi);
  await steps.step(`${what.title}; the first build takes some minutes`, (speak) => cargoBuild(what, speak));
  const target = process.env.CARGO_TARGET_DIR ?? join(TOP, "target");
  return become(join(target, "debug", what.program + (process.platform === "win32" ? ".exe" : "")), args);
});
