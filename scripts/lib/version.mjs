/** The version: it stands in Cargo.toml, `[workspace.package]`, and nowhere else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TOP } from "./shell.mjs";
import { Stop } from "./steps.mjs";

/** Such as `1.2.3`. */
export function version() {
  const table = readFileSync(join(TOP, "Cargo.toml"), "utf8").split(/^\[/m).find((part) => part.startsWith("workspace.package]"));
  const found = table?.match(/^version = "([^"]+)"/m)?.[1];
  if (!found) throw new Stop("Cargo.toml names no version in [workspace.package].");
  return found;
}
