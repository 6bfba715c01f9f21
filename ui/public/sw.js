// The service worker of the web page: shows what is pushed while the page is closed, and opens the page at what was clicked.
// It keeps nothing and answers no request.

const API = "/api/v1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const { title, ...rest } = told(event.data);
  event.waitUntil(self.registration.showNotification(title, rest));
});

/** What is shown. A push that cannot be read is shown, too: a browser wants to see each. */
function told(data) {
  const icon = "/icon-192.png";
  try {
    const { title, body, lang, tag, at, url, symbol } = data.json();
    const shown = { title: String(title), body, lang, timestamp: Date.parse(at), icon, data: { url, symbol } };
    // Of one alert the newest takes the place of the one before, and is heard again.
    return tag ? { ...shown, tag: `${tag} ${symbol}`, renotify: true } : shown;
  } catch {
    return { title: "Quickstocks", icon, data: {} };
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data ?? {}));
});

async function open({ url, symbol }) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((each) => each.visibilityState === "visible") ?? pages[0];
  if (!page) return self.clients.openWindow(url ?? "/");
  if (symbol) page.postMessage({ open: symbol });
  return page.focus();
}

// The browser has another address now: the server is told of it, under the login that the browser has.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function renew({ oldSubscription, newSubscription }) {
  const [{ user }, { key }] = await Promise.all([call("GET", "/session"), call("GET", "/push/key")]);
  const asked = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe(asked));
  const path = async ({ endpoint }) => `/users/${user}/push/${await idOf(endpoint)}`;
  await call("PUT", await path(subscription), subscription.toJSON());
  if (oldSubscription) await call("DELETE", await path(oldSubscription));
}

async function call(method, path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(API + path, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  const text = await answer.text();
  return text ? JSON.parse(text) : undefined;
}

/** As in `web-push.ts`: a browser is known by its address. */
async function idOf(endpoint) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return `browser-${[...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
