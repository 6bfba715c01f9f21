/**
 * A bare Debian with what a package depends on and nothing else, and a way to run programs in it. The system itself is made
 * once and kept; what a test changes lands in a layer of its own, so that what is left behind can be told.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Process, TOP } from "../../e2e/support/process.mjs";

const KEPT = join(TOP, "target", "debian");
const SUITE = "bookworm";
/** Who uses the computer. */
export const USER = "someone";
/** What apt, dpkg and the system write of their own accord, and what belongs to the user. */
const NOT_OURS = /^(var\/(lib\/(dpkg|apt|ucf)|cache|log)|tmp|run|home|root|dev|proc|sys|etc\/(machine-id|resolv\.conf|hostname|\.updated|\.pwd\.lock)|var\/(lib\/(systemd|dbus)|\.updated|tmp))(\/|$)/;

/** One Debian of a test; `stop` takes it away. */
export class Debian {
  /** @param {string} depends the field of the package that is to be installed */
  constructor(depends) {
    this.base = base(depends);
    this.own = mkdtempSync(join(KEPT, "run-"));
    for (const name of ["upper", "work", "root"]) mkdirSync(join(this.own, name));
    this.root = join(this.own, "root");
    const layers = `lowerdir=${this.base},upperdir=${join(this.own, "upper")},workdir=${join(this.own, "work")}`;
    told(["mount", "-t", "overlay", "overlay", "-o", layers, this.root]);
    this.onExit = () => this.stop();
    process.on("exit", this.onExit);
  }

  /** Path of a file in it, as seen from outside. */
  path(...parts) {
    return join(this.root, ...parts);
  }

  /** The command line that runs a program in it, with the devices and processes of this machine, and nothing of our environment. */
  command(words, { user = "root", env = {}, display } = {}) {
    const home = user === "root" ? "/root" : `/home/${user}`;
    const set = Object.entries({ HOME: home, PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8", ...env, ...(display && { DISPLAY: display }) });
    const inside = ["chroot", `--userspec=${user}`, this.root, "env", "-i", ...set.map(([name, value]) => `${name}=${value}`), ...words];
    const x11 = display ? 'mkdir -p "$0/tmp/.X11-unix"; mount --bind /tmp/.X11-unix "$0/tmp/.X11-unix"; ' : "";
    const mounts = `mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; ${x11}exec "$@"`;
    return ["unshare", "--mount", "sh", "-ec", mounts, this.root, ...inside];
  }

  /** Runs a program to its end and gives back what it printed; fails where it fails. */
  run(words, options) {
    return told(this.command(words, options));
  }

  /** Starts a program. */
  start(words, options) {
    const [program, ...args] = this.command(words, options);
    return new Process(program, args);
  }

  /** Files that were not there before, or are not what they were, without those that no package answers for. */
  changed() {
    return [...entries(join(this.own, "upper"))].filter((path) => !NOT_OURS.test(path) && this.#differs(path)).sort();
  }

  #differs(path) {
    const [now, before] = [join(this.own, "upper", path), join(this.base, path)];
    return !(lstatSync(now).isDirectory() && existsSync(before));
  }

  stop() {
    process.off("exit", this.onExit);
    spawnSync("umount", ["--lazy", this.root]);
    rmdirSync(this.root); // Never more than an empty folder: where it is still mounted, this fails.
    rmSync(this.own, { recursive: true, force: true });
  }
}

/** The kept system for these dependencies, made by Debian's own tools. */
function base(depends) {
  const folder = join(KEPT, createHash("sha256").update(`${SUITE} ${depends}`).digest("hex").slice(0, 12));
  if (existsSync(folder)) return folder;
  mkdirSync(KEPT, { recursive: true });
  const making = mkdtempSync(join(KEPT, "making-"));
  const hooks = [`chroot "$1" apt-get satisfy -y -qq --no-install-recommends "${depends}"`, `chroot "$1" useradd --create-home ${USER}`];
  const options = ["--variant=minbase", "--quiet", ...hooks.map((hook) => `--customize-hook=${hook}`)];
  told(["mmdebstrap", ...options, SUITE, making]);
  renameSync(making, folder);
  return folder;
}

function told([program, ...args]) {
  const done = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 << 20, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  if (done.status === 0) return done.stdout;
  throw new Error(`${program} ${args.join(" ")} ended with ${done.status ?? done.error}\n${done.stdout}\n${done.stderr}`);
}

/** Every file, folder and deletion below a folder, by its path in there. */
function* entries(folder, under = "") {
  for (const entry of readdirSync(join(folder, under), { withFileTypes: true })) {
    const path = join(under, entry.name);
    yield path;
    if (entry.isDirectory()) yield* entries(folder, path);
  }
}
