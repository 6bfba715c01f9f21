/** The libraries that others use for the same: set up in a folder under target/, each run in a process of its own. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { npm } from "../../../scripts/lib/shell.mjs";
import { Process, TOP } from "./process.mjs";

const FOLDER = join(process.env.CARGO_TARGET_DIR ?? join(TOP, "target"), "compare");
const DRIVERS = join(TOP, "tests", "e2e", "peers");

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} folder where it is installed
 * @property {string} marker what is there once it is
 * @property {string[][]} install commands that put it there
 * @property {string[]} command what reads quotes once; stand-in and number of symbols follow
 */

/** @returns {Peer[]} */
function wanted() {
  const [python, node] = [join(FOLDER, "python"), join(FOLDER, "node")];
  return [
    {
      name: "yfinance", folder: python, marker: join(python, "yfinance.ready"),
      install: [["python3", "-m", "venv", python], [join(python, "bin", "pip"), "install", "--quiet", "yfinance"], ["touch", join(python, "yfinance.ready")]],
      command: [join(python, "bin", "python"), join(DRIVERS, "yfinance_once.py")],
    },
    {
      name: "yahoo-finance2", folder: node, marker: join(node, "node_modules", "yahoo-finance2", "package.json"),
      install: [npm("install", "--no-audit", "--no-fund", "--silent", "--prefix", node, "yahoo-finance2")],
      command: [process.execPath, join(DRIVERS, "yahoo-finance2-once.cjs"), node],
    },
  ];
}

/** Those that are to be had here. */
export async function peers() {
  return wanted().filter((peer) => {
    try {
      if (!existsSync(peer.marker)) installed(peer);
      return true;
    } catch (error) {
      process.stdout.write(`${peer.name} cannot be installed here, and is left out: ${error.message.split("\n")[0]}\n`);
      return false;
    }
  });
}

function installed({ folder, install }) {
  mkdirSync(folder, { recursive: true });
  for (const [program, ...args] of install) execFileSync(program, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

/** One process of a library, from its start to its last price. */
export async function readOnce({ command: [program, ...args] }, url, count) {
  const began = performance.now();
  const reading = new Process(program, [...args, url, String(count)]);
  const [line] = await reading.line(/^\{.*\}$/, 300_000);
  const wall = (performance.now() - began) / 1000;
  await reading.ended;
  return { ...JSON.parse(line), wall };
}
