/** What is known of each provider beside its health: what it is for, its place in the order, what its reasons mean. Pure. */

import type { ProviderHealth } from "../bindings";
import { moment, provider as providerName, wait } from "../format";
import { t } from "../i18n.svelte";

/** The order in which providers are asked where none was chosen, as the engine has it. */
const AUTO = ["coinbase", "binance", "yahoo", "finnhub", "ecb"] as const;

const DESCRIBED = [...AUTO, "replay", "simulated"] as const;

/** What a provider is asked for. */
export function purpose(name: string): string {
  const known = DESCRIBED.find((one) => one === name);
  return known ? t(`purpose-${known}`) : "";
}

/** The providers that may be asked, the preferred one first; the simulated market that only stands in is none. */
export function inOrder(providers: ProviderHealth[], configured: string): ProviderHealth[] {
  const order: readonly string[] = configured === "auto" ? AUTO : configured.split(",");
  const place = (name: string) => (order.indexOf(name) + 1 || order.length + 1) - 1;
  return providers
    .filter((health) => health.name !== "simulated" || configured === "simulated")
    .toSorted((a, b) => place(a.name) - place(b.name));
}

/** Two reasons ask for something that only the user can do. */
export function isKeyRejected(health: ProviderHealth): boolean {
  return health.state === "down" && health.code === "key_rejected";
}

export function wantsConsent(health: ProviderHealth): boolean {
  return health.code === "consent";
}

/** `does not answer (timed out) · next try in 12 s`: the second line of a provider's health. */
export function standingText(health: ProviderHealth, now: Date): string {
  const since = t("health-since-short", { when: moment(health.since, undefined, now) });
  if (health.state === "up") return since;
  const name = providerName(health.name);
  const reason = health.reason?.startsWith(`${name} `) ? health.reason.slice(name.length + 1) : health.reason;
  if (health.state === "off") return reason ?? t("health-not-needed");
  const left = health.next_try ? (new Date(health.next_try).getTime() - now.getTime()) / 1000 : null;
  const next = left === null ? since : left > 0 ? t("health-next", { wait: wait(left) }) : t("health-trying");
  return reason ? `${reason} · ${next}` : next;
}
