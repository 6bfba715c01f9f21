/** Every language says everything, and the types know what there is to say. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, Visitor, type Message, type VariableReference } from "@fluent/syntax";
import { afterEach, expect, test, vi } from "vitest";
import { price } from "./format";
import { LANGUAGES, locale, nameOf, speak, t } from "./i18n.svelte";

const FOLDER = join(import.meta.dirname, "../../locales");
const TYPES = join(import.meta.dirname, "messages.ts");

class Variables extends Visitor {
  readonly names = new Set<string>();
  override visitVariableReference(node: VariableReference): void {
    this.names.add(node.id.name);
  }
}

/** The ids of a language, each with what is filled in. */
function messages(tag: string): Map<string, string[]> {
  const { body } = parse(readFileSync(join(FOLDER, `${tag}.ftl`), "utf8"), { withSpans: false });
  expect(body.filter((entry) => entry.type === "Junk")).toEqual([]);
  const said = body.filter((entry): entry is Message => entry.type === "Message");
  const found = new Map(said.map((message) => [message.id.name, filled(message)]));
  expect(found.size, `${tag} says something twice`).toBe(said.length);
  return found;
}

function filled(message: Message): string[] {
  const variables = new Variables();
  variables.visit(message);
  return [...variables.names].sort();
}

function types(): string {
  const entries = [...messages("en")].map(([id, names]) => {
    const fields = names.map((name) => `${name}: ${name === "n" ? "number" : "Value"}`).join("; ");
    return `  ${id.includes("-") ? JSON.stringify(id) : id}: ${fields ? `{ ${fields} }` : "null"};\n`;
  });
  return `/** What each text is filled in with. Made from locales/en.ftl: UPDATE_MESSAGES=1 npm run test:ui -- i18n */

type Value = string | number;

export type Messages = {
${entries.join("")}};
`;
}

afterEach(() => speak("en"));

test("the types are those of the English texts", () => {
  if (process.env["UPDATE_MESSAGES"]) writeFileSync(TYPES, types());
  expect(readFileSync(TYPES, "utf8").replaceAll("\r\n", "\n")).toBe(types());
});

test.each(LANGUAGES)("%s says all there is to say, with the same filled in", (tag) => {
  expect(Object.fromEntries(messages(tag))).toEqual(Object.fromEntries(messages("en")));
});

test("everything that is there to say is said somewhere", () => {
  const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(ts|svelte)$/.test(path) && !/\.test\.ts$|messages\.ts$/.test(path))
    .map((path) => readFileSync(join(import.meta.dirname, path), "utf8"))
    .join("");
  const made = [...sources.matchAll(/`([a-z-]*)\$\{[^`]*?\}([a-z-]*)`/g)].map(([, before, after]) => [before, after]);
  const isMade = (id: string) => made.some(([from = "", to = ""]) => from && id.startsWith(from) && id.endsWith(to));
  expect([...messages("en").keys()].filter((id) => !sources.includes(`"${id}"`) && !isMade(id))).toEqual([]);
});

test("each file of the folder is a language with a name", () => {
  const files = readdirSync(FOLDER).flatMap((name) => (name.endsWith(".ftl") ? [name.slice(0, -".ftl".length)] : []));
  expect(LANGUAGES.toSorted()).toEqual(files.sort());
  expect(nameOf("de")).toBe("Deutsch");
});

test("the chosen language comes first, then the reader's, then English", async () => {
  vi.stubGlobal("navigator", { ...navigator, languages: ["fr-FR", "de-CH"], language: "fr-FR" });
  await speak();
  expect([t("settings"), locale(), document.documentElement.lang]).toEqual(["Einstellungen", "de-CH", "de"]);
  await speak("en");
  expect([t("settings"), locale(), document.documentElement.lang]).toEqual(["Settings", "en", "en"]);
  vi.stubGlobal("navigator", { ...navigator, languages: ["fr"], language: "fr" });
  await speak("xx");
  expect(locale()).toBe("en");
  vi.unstubAllGlobals();
});

test("numbers go with the language, and how many with its plural", async () => {
  expect(t("search-count", { n: 1 })).toBe("1 result");
  expect(t("search-count", { n: 1234 })).toBe("1,234 results");
  await speak("de");
  expect(price(97508.97, 2)).toBe("97.508,97");
  expect(t("feed-some-stale", { n: 2, when: "14:02" })).toBe("2 Kurse veraltet seit 14:02");
});

test("the last one asked for is spoken, whatever comes late", async () => {
  await Promise.all([speak("de"), speak("en")]);
  expect(t("settings")).toBe("Settings");
  await Promise.all([speak("en"), speak("de")]);
  expect(t("settings")).toBe("Einstellungen");
});
