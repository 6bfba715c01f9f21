/**
 * `npm run check:api`: schemathesis asks every call of the published OpenAPI document, well and badly, and finds nothing. Brings
 * the tool in (PyPI) the first time. Further arguments after `--` go to it, such as `--seed 7`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "../tests/e2e/support/daemon.mjs";
import { run, TOP } from "./lib/shell.mjs";
import { script, Stop } from "./lib/steps.mjs";

const TOOLS = join(TOP, "target", "tools", "schemathesis");
/** For each call and kind of test; more take longer and find rarer things. */
const EXAMPLES = "40";

script(async (more) => {
  if ((await run(["cargo", "build", "--package", "quickstocks-server"])) !== 0) return 1;
  const daemon = await Daemon.started();
  try {
    const document = `${daemon.origin}/api/v1/openapi.json`;
    const options = ["--header", `Authorization: Bearer ${daemon.token}`, "--max-examples", EXAMPLES, "--checks", "all"];
    return await run([await schemathesis(), "run", document, ...options, ...more]);
  } finally {
    await daemon.stop();
  }
});

async function schemathesis() {
  const program = join(TOOLS, "bin", "schemathesis");
  if (existsSync(program)) return program;
  const made = (await run(["python3", "-m", "venv", TOOLS])) === 0;
  if (!made || (await run([join(TOOLS, "bin", "pip"), "install", "--quiet", "schemathesis"])) !== 0) {
    throw new Stop("schemathesis cannot be installed. The message is above; on Debian, python3-venv has to be there.");
  }
  return program;
}
