/** This browser as one of the user's destinations: told by Web Push, even while no page is open. */

import type { Destinations } from "../bindings";
import { t } from "../i18n.svelte";
import { PlatformError, type BrowserPush, type PushState } from "./platform";

const WORKER = "/sw.js";

/** How the server is asked: paths of the user's own begin with `/destinations` or `/push`. */
export type Server = {
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  mine(path: string): Promise<string>;
};

export class WebPush implements BrowserPush {
  constructor(private readonly server: Server) {}

  async state(): Promise<PushState> {
    if (!window.isSecureContext) return "insecure";
    if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
    if (Notification.permission === "denied") return "blocked";
    const subscription = await this.subscription();
    if (!subscription) return "off";
    const { destinations } = await this.server.ask<Destinations>("GET", await this.server.mine("/destinations"));
    const id = await idOf(subscription.endpoint);
    // One that was removed or switched off elsewhere is told nothing.
    return destinations.some(({ destination }) => destination.id === id && destination.enabled) ? "on" : "off";
  }

  async turn(on: boolean): Promise<PushState> {
    if (!on) await this.end();
    else if ((await Notification.requestPermission()) === "granted") await this.begin();
    return this.state();
  }

  private async begin(): Promise<void> {
    const { key } = await this.server.ask<{ key: string }>("GET", "/push/key");
    const subscription = await subscribed(key);
    const body = { name: browserName(navigator.userAgent), ...subscription.toJSON() };
    await this.server.ask("PUT", await this.path(subscription), body);
  }

  private async end(): Promise<void> {
    const subscription = await this.subscription();
    if (!subscription) return;
    await this.server.ask("DELETE", await this.path(subscription)).catch((error: unknown) => {
      if (!(error instanceof PlatformError && error.code === "not_found")) throw error;
    });
    await subscription.unsubscribe();
  }

  private async subscription(): Promise<PushSubscription | null | undefined> {
    return (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription();
  }

  private async path({ endpoint }: PushSubscription): Promise<string> {
    return this.server.mine(`/push/${await idOf(endpoint)}`);
  }
}

/** A subscription to this key: one to another is of another server, or of one that began anew. */
async function subscribed(key: string): Promise<PushSubscription> {
  try {
    await navigator.serviceWorker.register(WORKER);
    const { pushManager } = await navigator.serviceWorker.ready;
    const asked = { userVisibleOnly: true, applicationServerKey: key };
    return await pushManager.subscribe(asked).catch(async (error: unknown) => {
      const present = await pushManager.getSubscription();
      if (!present) throw error;
      await present.unsubscribe();
      return pushManager.subscribe(asked);
    });
  } catch {
    throw new PlatformError("unavailable", t("push-refused"));
  }
}

/** A browser is known by its address; the address itself is nothing to show. */
export async function idOf(endpoint: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return `browser-${[...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** In the order in which they pretend to be each other. */
const BROWSERS = { "Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari" };
const SYSTEMS = {
  Android: "Android",
  iPhone: "iPhone",
  iPad: "iPad",
  Windows: "Windows",
  "Mac OS": "macOS",
  Linux: "Linux",
};

/** What a user would call it: `Firefox, Windows`. */
export function browserName(agent: string): string {
  const found = [BROWSERS, SYSTEMS].map((names) => Object.entries(names).find(([mark]) => agent.includes(mark))?.[1]);
  return found.filter(Boolean).join(", ") || "Browser";
}
