/** What the interface says, in the chosen language. The texts are in `locales/`: one file for each language. */

import { FluentBundle, FluentResource } from "@fluent/bundle";
import type { Messages } from "./messages";

const FALLBACK = "en";
/** By tag; each is fetched when it is spoken. */
const FILES = Object.fromEntries(
  Object.entries(import.meta.glob<string>("../../locales/*.ftl", { query: "?raw", import: "default" })).map(
    ([path, load]) => [path.slice(path.lastIndexOf("/") + 1, -".ftl".length), load],
  ),
);

/** The languages there are, as BCP 47 tags. */
export const LANGUAGES = Object.keys(FILES);

export type MessageId = keyof Messages;
type Arguments<Id extends MessageId> = Messages[Id] extends null ? [] : [Messages[Id]];

type Spoken = {
  tag: string;
  /** The reader's own variety of it, such as `de-AT`: how numbers are grouped and days are named. */
  locale: string;
  bundle: FluentBundle;
};
let spoken: Spoken = $state.raw({ tag: "", locale: FALLBACK, bundle: new FluentBundle(FALLBACK) });
let wanted = "";

/** Speaks the chosen language, else the first of the reader's that there is, else English. */
export async function speak(chosen?: string | null): Promise<void> {
  const readers = [...(chosen ? [chosen] : []), ...navigator.languages];
  const tag = readers.map(fileFor).find((found) => found !== undefined) ?? FALLBACK;
  wanted = tag;
  if (tag === spoken.tag) return;
  const text = await FILES[tag]?.().catch(() => undefined);
  // It cannot be fetched, or another one has been chosen meanwhile.
  if (wanted !== tag || text === undefined) return;
  const locale = readers.find((reader) => fileFor(reader) === tag) ?? tag;
  // Marks of direction around what is filled in would be copied along with it.
  const bundle = new FluentBundle(locale, { useIsolating: false });
  bundle.addResource(new FluentResource(text));
  spoken = { tag, locale, bundle };
  document.documentElement.lang = tag;
}

/** `de` for `de-AT`; the file of the very tag where there is one. */
function fileFor(reader: string): string | undefined {
  const same = (tag: string) => LANGUAGES.find((file) => file.toLowerCase() === tag.toLowerCase());
  return same(reader) ?? same(reader.split("-")[0] ?? "");
}

/** A text, with what is filled in. Reactive: it changes with the language. */
export function t<Id extends MessageId>(id: Id, ...[values]: Arguments<Id>): string {
  const pattern = spoken.bundle.getMessage(id)?.value;
  // With a list for errors nothing is thrown.
  return pattern ? spoken.bundle.formatPattern(pattern, values, []) : id;
}

/** The locale in which numbers are written. */
export function locale(): string {
  return spoken.locale;
}

/** What a language calls itself. */
export function nameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
}

/** Stands in a text for what is set apart; no text holds it otherwise. */
export const SLOT = "\ufffc";
