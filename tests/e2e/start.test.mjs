/** What the commands answer a person and a shell: arguments through `npm start`, exit codes, one clear line. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { clean, Daemon } from "./support/daemon.mjs";
import { built, Process, scratch, TOP } from "./support/process.mjs";

/** Without a display `npm start` builds the server by itself, which takes minutes on a busy machine. */
const LONGEST_MS = 900_000;

async function ended(program, args, options) {
  const process = new Process(program, args, { env: clean(), ...options });
  const timer = setTimeout(() => process.kill(), LONGEST_MS);
  const { code } = await process.ended;
  clearTimeout(timer);
  return { code, said: process.lines.join("\n") };
}

test("npm start without a display hands its arguments to quickstocksd and its exit code back", async () => {
  const { DISPLAY, WAYLAND_DISPLAY, ...env } = clean();
  const { code, said } = await ended("npm", ["start", "--", "--feed", "nonsense", "--data-dir", scratch()], { cwd: TOP, env });
  assert.equal(code, 2, said);
  assert.match(said, /\[1\/5\] System packages/);
  assert.match(said, /nonsense/);
});

test("a wrong configuration ends with 2 and names file, key and what is allowed", async () => {
  const file = join(scratch(), "wrong.toml");
  for (const [text, key] of [["[feed]\npoll_intervall = '5s'\n", /poll_interval\b/], ["[broker]\nlisten = 'nowhere'\n", /broker\.listen/], ["[feed]\npoll_interval = 5\n", /poll_interval/]]) {
    writeFileSync(file, text);
    const { code, said } = await ended(built("quickstocksd"), ["--config", file, "all"]);
    assert.equal(code, 2, said);
    assert.match(said, /wrong\.toml/);
    assert.match(said, key);
  }
});

test("wrong usage ends with 2", async () => {
  assert.equal((await ended(built("quickstocksd"), ["--no-such-flag"])).code, 2);
});

test("a port that is taken ends quickstocksd with 1, naming the setting", async () => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  for (const [setting, key] of [["BROKER", "broker.listen"], ["API", "api.listen"]]) {
    const env = clean({ QUICKSTOCKS_BROKER__LISTEN: "127.0.0.1:0", QUICKSTOCKS_API__LISTEN: "127.0.0.1:0", [`QUICKSTOCKS_${setting}__LISTEN`]: `127.0.0.1:${port}` });
    const { code, said } = await ended(built("quickstocksd"), ["--feed", "simulated", "--data-dir", scratch(), "all"], { env });
    assert.equal(code, 1, said);
    assert.match(said, new RegExp(key.replace(".", "\\.")));
  }
  server.close();
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`${signal} ends quickstocksd with 0`, async () => {
    const daemon = await Daemon.started();
    assert.deepEqual(await daemon.stop(signal), { code: 0, signal: null });
  });
}

test("a second desk on the same data folder is refused", async () => {
  const daemon = await Daemon.started();
  const { code, said } = await ended(built("quickstocksd"), ["--config", daemon.config, "all"]);
  assert.equal(code, 1, said);
  await daemon.stop();
});
