/** An acknowledged change survives kill -9 at any moment. ROUNDS=200 looks harder. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Daemon } from "./support/daemon.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 20);

test(`${ROUNDS} acknowledged changes, each followed by kill -9, are all there`, async () => {
  const daemon = await Daemon.started();
  const names = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `round-${round}`;
    const { status, body } = await daemon.call("PUT", `/users/me/watchlists/${name}`, { name, symbols: ["AAPL", `T${round}`] });
    assert.ok(status >= 200 && status < 300, `round ${round}: ${status} ${JSON.stringify(body)}`);
    await daemon.stop("SIGKILL");
    names.push(name);
    await daemon.start();
    const { body: kept } = await daemon.call("GET", "/users/me/watchlists");
    const there = kept.watchlists.map((list) => list.name);
    assert.deepEqual(names.filter((each) => !there.includes(each)), [], `lost in round ${round}`);
  }
  await daemon.stop();
});

test("a kill in the middle of many unacknowledged changes loses none that was acknowledged", async () => {
  const daemon = await Daemon.started();
  const acknowledged = [];
  const writing = (async () => {
    for (let n = 0; n < 500; n += 1) {
      const { status } = await daemon.call("PUT", `/users/me/watchlists/default/symbols/N${n}`);
      if (status >= 200 && status < 300) acknowledged.push(`N${n}`);
    }
  })().catch(() => "killed");
  while (acknowledged.length < 10) await new Promise(setImmediate);
  await daemon.stop("SIGKILL");
  await writing;
  await daemon.start();
  const { body } = await daemon.call("GET", "/users/me/watchlists/default");
  assert.deepEqual(acknowledged.filter((symbol) => !body.symbols.includes(symbol)), []);
  await daemon.stop();
});
