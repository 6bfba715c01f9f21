import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebPlatform } from "./web";

type Call = { method: string; path: string; body: unknown };
let calls: Call[];
let answers: Record<string, [status: number, body: unknown]>;

beforeEach(() => {
  calls = [];
  answers = { "GET /api/v1/session": [200, { user: "me" }] };
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    calls.push({ method: init.method ?? "", path, body: init.body && JSON.parse(String(init.body)) });
    const [status, body] = answers[`${init.method} ${path}`] ?? [204, undefined];
    return new Response(body === undefined ? null : JSON.stringify(body), { status });
  });
});
afterEach(() => void vi.unstubAllGlobals());

test("symbols are escaped and paths are the user's own", async () => {
  await new WebPlatform().follow("Über / alles", "BTC/USD");
  expect(calls.at(-1)?.path).toBe("/api/v1/users/me/watchlists/%C3%9Cber%20%2F%20alles/symbols/BTC%2FUSD");
});

test("small charts are one question, and none for nothing", async () => {
  answers["GET /api/v1/sparks?symbols=%5EGSPC,BTC%2FUSD"] = [200, []];
  await new WebPlatform().sparks(["^GSPC", "BTC/USD"]);
  await new WebPlatform().sparks([]);
  answers["GET /api/v1/lists/most-active"] = [200, []];
  await new WebPlatform().marketList("most-active");
  expect(calls.map(({ path }) => path.replace("/api/v1", ""))).toEqual([
    "/sparks?symbols=%5EGSPC,BTC%2FUSD",
    "/lists/most-active",
  ]);
});

test("an exported table keeps the mark by which Excel knows how it is written", async () => {
  vi.stubGlobal("fetch", async (path: string) =>
    path.endsWith("/session") ? Response.json({ user: "me" }) : new Response("\ufeffList,Symbol\r\n"),
  );
  expect(await new WebPlatform().exportLists("csv")).toBe("\ufeffList,Symbol\r\n");
});

test("a login link's code is used up and leaves the address", async () => {
  location.hash = "#login=abc";
  const platform = new WebPlatform();
  answers["GET /api/v1/users/me/alerts"] = [200, []];
  await platform.alerts();
  expect(calls[0]).toMatchObject({ method: "POST", path: "/api/v1/session", body: { code: "abc" } });
  expect(location.hash).toBe("");
});

test("a problem document becomes an error that says what to do", async () => {
  answers["GET /api/v1/history/NOPE?range=1d"] = [
    404,
    { code: "not_found", detail: "Yahoo Finance does not know NOPE" },
  ];
  const asked = new WebPlatform().history("NOPE", "1d");
  await expect(asked).rejects.toMatchObject({ code: "not_found", message: "Yahoo Finance does not know NOPE" });
});

test("without a login it says so", async () => {
  answers["GET /api/v1/session"] = [401, {}];
  await expect(new WebPlatform().watchlists()).rejects.toMatchObject({ code: "unauthorized" });
});

test("a provider's key is set, asked about and removed at its own path", async () => {
  const platform = new WebPlatform();
  answers["GET /api/v1/providers/keys"] = [200, [{ provider: "finnhub", place: "keychain" }]];
  await platform.setProviderKey("finnhub", "abc");
  expect(calls.at(-1)).toEqual({ method: "PUT", path: "/api/v1/providers/finnhub/key", body: { key: "abc" } });
  expect(await platform.providerKeys()).toEqual([{ provider: "finnhub", place: "keychain" }]);
  await platform.removeProviderKey("finnhub");
  expect(calls.at(-1)).toMatchObject({ method: "DELETE", path: "/api/v1/providers/finnhub/key" });
});

test("the stream comes back by itself, more slowly each time", () => {
  vi.useFakeTimers();
  const sockets: { onclose?: () => void; onmessage?: (event: { data: string }) => void; close: () => void }[] = [];
  vi.stubGlobal("WebSocket", function (this: (typeof sockets)[number]) {
    this.close = () => {};
    sockets.push(this);
  });
  const lost: (number | null)[] = [];
  const heard: unknown[] = [];
  const stop = new WebPlatform().stream(
    (message) => heard.push(message),
    (seconds) => lost.push(seconds),
  );
  sockets[0]?.onclose?.();
  vi.advanceTimersByTime(1000);
  sockets[1]?.onclose?.();
  expect(lost).toEqual([1, 2]);
  vi.advanceTimersByTime(2000);
  sockets[2]?.onmessage?.({ data: '{"snapshot":[]}' });
  expect(heard).toEqual([{ snapshot: [] }]);
  expect(lost.at(-1)).toBeNull();
  stop();
  vi.useRealTimers();
});

test("mutes and the alert log are the user's own", async () => {
  const platform = new WebPlatform();
  answers["GET /api/v1/users/me/alert-log"] = [200, []];
  await platform.mute("BTC/USD", "today");
  await platform.unmute("BTC/USD");
  await platform.alertLog();
  await platform.markAllRead();
  await platform.clearAlertLog();
  expect(calls.slice(1).map(({ method, path, body }) => [method, path.replace("/api/v1/users/me", ""), body])).toEqual([
    ["PUT", "/muted/BTC%2FUSD", { for: "today" }],
    ["DELETE", "/muted/BTC%2FUSD", undefined],
    ["GET", "/alert-log", undefined],
    ["PUT", "/alert-log/read", undefined],
    ["DELETE", "/alert-log", undefined],
  ]);
});
