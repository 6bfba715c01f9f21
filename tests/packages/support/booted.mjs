/** The same Debian, booted: systemd runs in it as on a server, without a network. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Process } from "../../e2e/support/process.mjs";
import { until } from "../../e2e/support/until.mjs";

const INIT = "/lib/systemd/systemd";

/** A running system in a folder. */
export class Booted {
  /** @param {string} root */
  static async up(root) {
    const it = new Booted();
    const options = ["--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe"];
    it.container = new Process("systemd-nspawn", [...options, "-D", root, INIT]);
    process.on("exit", () => it.cut());
    it.init = await until("the container's first process", () => it.#children().find(isInit), { within: 60_000, also: () => it.container.tail() });
    await until("systemd is up", () => /running|degraded/.test(it.run(["systemctl", "is-system-running"]).out), { within: 60_000 });
    return it;
  }

  /** nspawn has others, too, until it has set the container up. */
  #children() {
    const { pid } = this.container;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  }

  /** Runs a program in there; what it printed, and how it ended. */
  run(words) {
    const done = spawnSync("nsenter", ["-t", this.init, "--all", ...words], { encoding: "utf8" });
    return { code: done.status, out: done.stdout.trim(), err: done.stderr.trim() };
  }

  /** At once, as nothing in there has to be kept. Once more does no harm. */
  async down() {
    this.cut();
    await this.container.ended;
  }

  /** Its first process gone, all are; the container's own end would leave them running. */
  cut() {
    if (this.container.end) return;
    for (const child of this.#children()) process.kill(Number(child), "SIGKILL");
  }
}

function isInit(pid) {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`${INIT}\0`);
}
