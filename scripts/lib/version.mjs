/** The version: it stands in Cargo.toml, `[workspace.package]`; package.json follows. `node scripts/lib/version.mjs` prints it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TOP } from "./shell.mjs";
import { Stop } from "./steps.mjs";

/** Such as `1.2.3`. */
export function version() {
  const table = readFileSync(join(TOP, "Cargo.toml"), "utf8").split(/^\[/m).find((part) => part.startsWith("workspace.package]"));
  const found = table?.match(/^version = "([^"]+)"/m)?.[1];
  if (!found) throw new Stop("Cargo.toml names no version in [workspace.package].");
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(`${version()}\n`);
