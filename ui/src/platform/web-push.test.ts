/** This browser as a destination, with a push service that is none. */
import { beforeEach, expect, test, vi } from "vitest";
import { browserName, idOf, WebPush } from "./web-push";

const ENDPOINT = "https://push.example/abc";
let asked: [string, string, unknown?][];
let kept: { id: string; enabled: boolean }[];
let subscription: { endpoint: string; toJSON(): object; unsubscribe(): Promise<void> } | null;

const push = new WebPush({
  mine: (path) => Promise.resolve(`/users/me${path}`),
  ask: <T>(method: string, path: string, body?: unknown) => {
    asked.push([method, path, body]);
    const id = path.split("/").at(-1) ?? "";
    if (method === "PUT") kept.push({ id, enabled: true });
    if (method === "DELETE") kept = kept.filter((each) => each.id !== id);
    const answer =
      path === "/push/key" ? { key: "BKey" } : { destinations: kept.map((destination) => ({ destination })) };
    return Promise.resolve(answer as T);
  },
});

function browser(permission: NotificationPermission, secure = true) {
  const pushManager = {
    getSubscription: () => Promise.resolve(subscription),
    subscribe: vi.fn(() => {
      subscription = {
        endpoint: ENDPOINT,
        toJSON: () => ({ endpoint: ENDPOINT, expirationTime: null, keys: { p256dh: "B", auth: "a" } }),
        unsubscribe: () => Promise.resolve(void (subscription = null)),
      };
      return Promise.resolve(subscription);
    }),
  };
  const registration = { pushManager };
  const serviceWorker = {
    register: vi.fn(() => Promise.resolve(registration)),
    ready: Promise.resolve(registration),
    getRegistration: () => Promise.resolve(registration),
  };
  vi.stubGlobal("isSecureContext", secure);
  vi.stubGlobal("PushManager", class {});
  vi.stubGlobal("Notification", { permission, requestPermission: () => Promise.resolve(permission) });
  Object.defineProperty(navigator, "serviceWorker", { value: serviceWorker, configurable: true });
  return { pushManager, serviceWorker };
}

beforeEach(() => {
  [asked, kept, subscription] = [[], [], null];
});

test("what is in the way is told apart", async () => {
  browser("granted", false);
  expect(await push.state()).toBe("insecure");
  browser("denied");
  expect(await push.state()).toBe("blocked");
  expect(await push.turn(true)).toBe("blocked");
  browser("default");
  expect(await push.turn(true)).toBe("off");
  expect(asked).toEqual([]);
  Reflect.deleteProperty(navigator, "serviceWorker");
  expect(await push.state()).toBe("unsupported");
});

test("it subscribes to the server's key, tells the server, and takes both back", async () => {
  const { pushManager, serviceWorker } = browser("granted");
  expect(await push.turn(true)).toBe("on");
  expect(serviceWorker.register).toHaveBeenCalledWith("/sw.js");
  expect(pushManager.subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: "BKey" });
  const path = `/users/me/push/${await idOf(ENDPOINT)}`;
  const put = asked.find(([method]) => method === "PUT");
  expect(put?.[1]).toBe(path);
  expect(put?.[2]).toMatchObject({ endpoint: ENDPOINT, keys: { p256dh: "B", auth: "a" } });
  expect(path).not.toContain("abc");
  expect(await push.turn(false)).toBe("off");
  expect(asked.some(([method, at]) => method === "DELETE" && at === path)).toBe(true);
  expect(subscription).toBeNull();
});

test("one that was removed elsewhere is off", async () => {
  browser("granted");
  await push.turn(true);
  kept = [];
  expect(await push.state()).toBe("off");
});

test("a browser has a name that a user knows", () => {
  const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
  expect(browserName(chrome)).toBe("Chrome, Linux");
  expect(browserName(`${chrome} Edg/140.0`)).toBe("Edge, Linux");
  expect(browserName("?")).toBe("Browser");
});
