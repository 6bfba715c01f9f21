/** The programs themselves, as a user's Windows would run them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failed, logOf } from "./compile.mjs";

const ANY_PORT = { QUICKSTOCKS_BROKER__LISTEN: "127.0.0.1:0" };
const IDENTITY = "HKCU\\Software\\Classes\\AppUserModelId\\app.quickstocks.desktop";
/** What must not only be there, but work: wine has all of it. */
const WELL = [
  "data folder", "config", "bindings", "store", "services", "mqtt", "feed", "desk", "stream",
  "window's store", "keychain", "tray", "notifications", "autostart", "single instance", "end",
];

/** Ready, and Ctrl-C ends it: that is what SIGINT is to a program under wine. */
export async function daemon(wine) {
  const log = logOf("quickstocksd");
  const args = ["--feed", "simulated", "--data-dir", "C:\\Ein Ordner für 株価"];
  const running = wine.runs(wine.program("quickstocksd"), args, { log, env: { ...ANY_PORT, QUICKSTOCKS_API__LISTEN: "127.0.0.1:0" } });
  await running.says(/^ready/m);
  running.child.kill("SIGINT");
  await running.ends(0);
  whole(wine.drive("Ein Ordner für 株価", "profiles.json"), log);
}

/** Every part says that it is well. */
export async function selftest(wine) {
  const running = wine.runs(wine.program("quickstocks"), ["--selftest"], { log: logOf("selftest") });
  const end = await running.ends(0).catch((error) => error);
  process.stdout.write(running.text.replace(/\r/g, "").replace(/^/gm, "  ").trimEnd() + "\n");
  if (end) throw end;
  for (const part of WELL) running.said(new RegExp(`^ok {3}${part}: `, "m"));
  return `${WELL.length} parts`;
}

/** Started with the system, it lives in the tray: one instance, with a name for its notifications, until the session ends. */
export async function theApp(wine) {
  const log = logOf("quickstocks");
  const env = { ...ANY_PORT, QUICKSTOCKS_LOG: "info,quickstocks_lib=debug" };
  const start = () => wine.runs(wine.program("quickstocks"), ["--hidden", "--feed", "simulated"], { log, env });
  const first = start();
  await first.says(/listening service/);
  await start().ends(0);
  const identity = wine.runs("reg", ["query", IDENTITY, "/v", "DisplayName"], { log });
  await identity.ends(0);
  identity.said(/REG_SZ\s+Quickstocks/);
  await wine.runs("wineboot", ["--end-session"], { log }).ends(0);
  await first.ends(0);
  first.said(/everything has stopped/);
  first.said(/panicked/, false);
  for (const file of ["profiles.json", "store.json"]) whole(join(wine.data, file), log);
}

/** Wine has no WebView2: no window can be made, and the app says so instead of falling over. */
export async function withoutWebView(wine) {
  const running = wine.runs(wine.program("quickstocks"), ["--feed", "simulated"], { log: logOf("no-webview"), env: ANY_PORT });
  await running.ends(1);
  running.said(/^quickstocks: Microsoft Edge WebView2, which draws the window, is missing .* Install it from https:/m);
  running.said(/panicked/, false);
}

function whole(file, log) {
  if (!existsSync(file)) throw new Failed(`${file} is not there`, log);
  JSON.parse(readFileSync(file, "utf8"));
}
