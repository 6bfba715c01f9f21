/** What there is to fill in of each kind of destination, and what becomes of it. Pure. */

import type { Destination, Target } from "../../bindings";
import { t } from "../../i18n.svelte";

export type Kind = Target["kind"];
export const KINDS = [
  "email",
  "ntfy",
  "telegram",
  "slack",
  "discord",
  "sms",
  "webhook",
] as const satisfies readonly Kind[];
export const NTFY = "https://ntfy.sh";

/** The fields beside the name, as they are typed. */
export type Fields = Record<Field, string>;
export type Field = "address" | "url" | "server" | "topic" | "chat" | "number";

const FIELDS: Record<Kind, readonly Field[]> = {
  email: ["address"],
  webhook: ["url"],
  ntfy: ["server", "topic"],
  slack: [],
  discord: [],
  telegram: ["chat"],
  sms: ["number"],
  web_push: [],
};
/** What each looks like; the engine looks closer. */
const PATTERNS: Record<Field, RegExp> = {
  address: /^[^\s@]+@[^\s@]+$/,
  url: /^https?:\/\/\S+$/,
  server: /^https?:\/\/\S+$/,
  topic: /^[\w-]{1,64}$/,
  chat: /^(-?\d{1,20}|@[A-Za-z]\w{4,31})$/,
  number: /^\+[1-9]\d{6,14}$/,
};
export const EXAMPLES: Record<Field, string> = {
  address: "me@example.org",
  url: "https://example.org/hook",
  server: NTFY,
  topic: "my-quotes",
  chat: "123456789",
  number: "+491701234567",
};

export function fieldsOf(kind: Kind): readonly Field[] {
  return FIELDS[kind];
}

export function filled(target: Target | undefined): Fields {
  const empty: Fields = { address: "", url: "", server: NTFY, topic: "", chat: "", number: "" };
  return { ...empty, ...target };
}

/** Those that go with a secret that is typed: if one likes, or always. */
type Secretive = Exclude<Kind, "email" | "sms" | "web_push">;

export function hasSecret(kind: Kind): kind is Secretive {
  return kind !== "email" && kind !== "sms" && kind !== "web_push";
}

export function needsSecret(kind: Kind): boolean {
  return hasSecret(kind) && kind !== "webhook" && kind !== "ntfy";
}

/** Where it is, once everything is filled in. */
export function targetOf(kind: Kind, fields: Fields): Target | null {
  const typed = FIELDS[kind].map((field) => [field, fields[field].trim()] as const);
  if (!typed.every(([field, text]) => PATTERNS[field].test(text))) return null;
  return { kind, ...Object.fromEntries(typed) } as Target;
}

/** Where it is, in short. */
export function place(target: Target): string {
  switch (target.kind) {
    case "email":
      return target.address;
    case "webhook":
      return host(target.url);
    case "ntfy":
      return `${host(target.server)}/${target.topic}`;
    case "telegram":
      return target.chat;
    case "sms":
      return target.number;
    default:
      return "";
  }
}

function host(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** The name that is kept where none is typed. */
export function nameOf(kind: Kind, typed: string): string {
  return typed.trim() || t(`dest-kind-${kind}`);
}

export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What an alert keeps of a choice among these: nothing where it is all of them, so that later ones count, too. */
export function choice(all: Destination[], chosen: string[]): string[] | null {
  return all.every(({ id }) => chosen.includes(id)) ? null : chosen;
}
