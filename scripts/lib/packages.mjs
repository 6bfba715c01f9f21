/** Which system packages each task needs, which of them are missing, and how they come in on this system. */
import { readFileSync } from "node:fs";
import { capture, has, run } from "./shell.mjs";
import { Stop } from "./steps.mjs";

/** Debian's names and what each is for. A level includes the ones before it. */
const DEBIAN = {
  server: { "build-essential": "C compiler and linker", "pkg-config": "finds system libraries" },
  run: {
    "libwebkit2gtk-4.1-dev": "the window's web view",
    "libayatana-appindicator3-dev": "the tray icon",
    "librsvg2-dev": "icons",
  },
  test: {
    "webkit2gtk-driver": "drives the window in tests",
    xvfb: "a display without a screen",
    xauth: "access to that display",
    xdotool: "presses keys and moves windows there",
    dbus: "the desktop's message bus",
    "dbus-x11": "starts that bus without a login session",
    "python3-dbusmock": "stands in for the notification service",
    "python3-gi": "stands in for the tray",
    mosquitto: "a second MQTT broker to compare with",
    "mosquitto-clients": "independent MQTT clients",
    "python3-aiosmtpd": "a mail server for alerts to arrive at",
    chromium: "drives the web page in tests",
    "chromium-driver": "drives the web page in tests",
    imagemagick: "compares pictures",
  },
  foreign: {
    "rustc-web": "a compiler whose standard library can be built for other systems",
    "cargo-web": "its cargo",
    "rust-web-src": "that standard library's source",
    "rust-web-clippy": "lints what only other systems compile",
    "gcc-mingw-w64-x86-64-posix": "C compiler and linker for Windows",
    wine: "runs Windows programs",
    wine64: "the same, of 64 bits",
    xvfb: "a display without a screen",
  },
  packages: {
    mmdebstrap: "makes a bare Debian to install into",
    "systemd-container": "boots it, with systemd",
    "desktop-file-utils": "checks the desktop file",
    appstream: "checks what software centres show",
    "man-db": "renders the manual page",
    rpm: "reads and installs the .rpm",
    binutils: "strips the programs",
  },
};
const ON_UBUNTU = { chromium: "chromium-browser", "chromium-driver": "chromium-chromedriver" };

/** What people of other systems type; those packages are only named, never installed by us. */
const ELSEWHERE = {
  dnf: "sudo dnf install webkit2gtk4.1-devel libappindicator-gtk3-devel librsvg2-devel gcc gcc-c++ make pkgconf-pkg-config",
  pacman: "sudo pacman -S --needed webkit2gtk-4.1 libayatana-appindicator librsvg base-devel",
  zypper: "sudo zypper install webkit2gtk3-devel libayatana-appindicator3-devel librsvg-devel gcc-c++ make pkg-config",
  apk: "sudo apk add webkit2gtk-4.1-dev libayatana-appindicator-dev librsvg-dev build-base pkgconf",
};
const ELSEWHERE_TEST = {
  dnf: "sudo dnf install webkitgtk6.0 xorg-x11-server-Xvfb xdotool dbus-daemon python3-dbusmock python3-gobject mosquitto chromium chromedriver ImageMagick",
  pacman: "sudo pacman -S --needed xorg-server-xvfb xdotool dbus python-dbusmock python-gobject mosquitto chromium imagemagick",
  zypper: "sudo zypper install webkit2gtk-driver xorg-x11-server-Xvfb xdotool dbus-1 python3-dbusmock python3-gobject mosquitto chromium chromedriver ImageMagick",
  apk: "sudo apk add xvfb xdotool dbus py3-dbusmock py3-gobject3 mosquitto mosquitto-clients chromium chromium-chromedriver imagemagick",
};

/**
 * Makes sure that the packages of a level are there: installs them on Debian and its children, names the command elsewhere.
 * @param {"server" | "run" | "test" | "foreign" | "packages"} level
 * @param {(why?: string) => void} speak
 */
export async function systemPackages(level, speak) {
  if (level === "foreign" && !(process.platform === "linux" && has("apt-get"))) throw new Stop("Other systems are checked on Debian 12 or later only.");
  if (process.platform === "darwin") return macos();
  if (process.platform === "win32") return windows();
  if (process.platform !== "linux") throw new Stop(`Quickstocks does not know how to set up ${process.platform}.`);
  if (!has("dpkg-query") || !has("apt-get")) return otherLinux(level);
  const missing = missingOnDebian(level);
  if (missing.length === 0) return "ok";
  speak("These packages are missing:");
  for (const [name, why] of missing) speak(`  ${name.padEnd(30)} ${why}`);
  await aptInstall(missing.map(([name]) => name), speak);
  return `${missing.length} installed`;
}

function levels(level) {
  const test = ["server", "run", "test"];
  return { server: ["server"], run: ["server", "run"], test, foreign: ["server", "foreign"], packages: [...test, "packages"] }[level];
}

function missingOnDebian(level) {
  const ubuntu = /^ID=ubuntu$/m.test(readFileSync("/etc/os-release", "utf8"));
  const wanted = levels(level)
    .flatMap((name) => Object.entries(DEBIAN[name]))
    .map(([name, why]) => [(ubuntu && ON_UBUNTU[name]) || name, why]);
  const listed = capture(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n", ...wanted.map(([name]) => name)]).out;
  const installed = new Set(listed.split("\n").filter((line) => line.endsWith(" installed")).map((line) => line.split(" ")[0]));
  return wanted.filter(([name]) => !installed.has(name));
}

async function aptInstall(names, speak) {
  const root = process.getuid() === 0;
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...names];
  if (!root && !has("sudo")) throw new Stop(`Run this as root, then start again:\n  apt-get update && ${install.join(" ")}`);
  const asRoot = (command) => (root ? ["env", "DEBIAN_FRONTEND=noninteractive", ...command] : ["sudo", "DEBIAN_FRONTEND=noninteractive", ...command]);
  speak(`Running ${root ? "" : "with sudo "}apt-get update, then ${install.slice(0, 4).join(" ")} with the packages above`);
  await run(asRoot(["apt-get", "update", "-qq"])); // A stale list may still do; the install says so if it does not.
  if ((await run(asRoot(install))) !== 0) throw new Stop(`apt-get could not install them. Its message is above; the command was:\n  ${install.join(" ")}`);
  if (names.includes("mosquitto")) await quietMosquitto(asRoot, speak);
}

/** Debian starts mosquitto when it is installed, on the very port that Quickstocks listens on. */
async function quietMosquitto(asRoot, speak) {
  if (capture(["systemctl", "is-active", "--quiet", "mosquitto"]).code !== 0) return;
  speak("The mosquitto service was just started by its package. The tests need only the program: stopping the service, which would hold port 1883.");
  await run(asRoot(["systemctl", "disable", "--now", "mosquitto"]));
}

function otherLinux(level) {
  const manager = Object.keys(ELSEWHERE).find(has) ?? "dnf";
  const libraries = { "webkit2gtk-4.1": "run", "librsvg-2.0": "run" };
  const lacking = level !== "server" && Object.keys(libraries).some((name) => capture(["pkg-config", "--exists", name]).code !== 0);
  const noCompiler = !has("cc");
  if (lacking || noCompiler) throw new Stop(`System packages are missing. Run this, then start again:\n  ${ELSEWHERE[manager]}`);
  if (level === "test" && !["WebKitWebDriver", "Xvfb", "dbus-daemon", "mosquitto_sub"].every(has)) {
    throw new Stop(`The tests need more packages. Run this, then start again:\n  ${ELSEWHERE_TEST[manager]}`);
  }
  return "ok";
}

function macos() {
  if (capture(["xcode-select", "-p"]).code === 0) return "ok";
  throw new Stop("Apple's command line tools are missing. Run this, then start again:\n  xcode-select --install");
}

function windows() {
  const places = [process.env["ProgramFiles(x86)"], process.env.ProgramFiles].filter(Boolean);
  const finder = places.map((place) => `${place}\\Microsoft Visual Studio\\Installer\\vswhere.exe`).find((path) => capture([path, "-help"]).code !== 127);
  const tools = finder && capture([finder, "-products", "*", "-requires", "Microsoft.VisualStudio.Component.VC.Tools.x86.x64", "-property", "installationPath"]).out.trim();
  if (tools) return "ok";
  throw new Stop(
    "Microsoft's C++ build tools are missing. Run this, then start again:\n" +
      '  winget install Microsoft.VisualStudio.2022.BuildTools --override "--passive --wait --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"',
  );
}
