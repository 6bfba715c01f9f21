/** Packs the files inside a .deb by xz: Tauri knows gzip only, which makes it half as large again. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { capture } from "./shell.mjs";
import { Stop } from "./steps.mjs";

const PARTS = ["debian-binary", "control.tar.gz", "data.tar.xz"];

/**
 * Replaces a .deb by the same one, smaller.
 * @param {string} deb
 * @param {number} [level] of xz
 */
export function repacked(deb, level = 9) {
  const work = mkdtempSync(join(dirname(deb), "repacking-"));
  const inside = (...command) => {
    const { code, err } = capture(command, { cwd: work });
    if (code !== 0) throw new Stop(`${command.join(" ")} failed: ${err}`);
  };
  try {
    inside("ar", "x", deb);
    if (!existsSync(join(work, "data.tar.gz"))) return; // It is one of ours.
    writeFileSync(join(work, "data.tar"), gunzipSync(readFileSync(join(work, "data.tar.gz"))));
    inside("xz", `-${level}`, "--threads=1", "data.tar");
    inside("ar", "rcD", "packed.deb", ...PARTS);
    renameSync(join(work, "packed.deb"), deb);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
