/** The same Debian, booted: systemd runs in it as on a server, without a network. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Process } from "../../e2e/support/process.mjs";
import { until } from "../../e2e/support/until.mjs";

/** A running system in a folder. */
export class Booted {
  /** @param {string} root */
  static async up(root) {
    const it = new Booted();
    const options = ["--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe"];
    it.container = new Process("systemd-nspawn", [...options, "-D", root, "/lib/systemd/systemd"]);
    it.init = await until("the container's first process", () => it.#children().at(0), { also: () => it.container.tail() });
    process.on("exit", () => it.cut());
    await until("systemd is up", () => /running|degraded/.test(it.run(["systemctl", "is-system-running"]).out), { within: 60_000 });
    return it;
  }

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
    if (!this.container.end && this.init) process.kill(Number(this.init), "SIGKILL");
  }
}
