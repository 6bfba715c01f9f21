/** Files of the user's own: through the system's dialog in the window, through the browser elsewhere. */

import { t } from "../i18n.svelte";
import type { ImportedFile } from "../bindings";
import type { Platform } from "../platform/platform";

/** As the program behind takes them. */
const BYTES_MAX = 4 << 20;

/** Writes a file; where to, if the user did not change their mind. */
export async function save(platform: Platform, name: string, text: string): Promise<string | null> {
  if (platform.exportFile) return platform.exportFile(name, text);
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  // The browser has it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return name;
}

/** The text of a file that was chosen or dropped, or an error in words. */
export async function read(file: File): Promise<ImportedFile> {
  if (file.size > BYTES_MAX) throw new Error(t("import-too-large", { size: BYTES_MAX >> 20 }));
  const bytes = await file.arrayBuffer();
  try {
    return { name: file.name, contents: new TextDecoder(writtenIn(bytes), { fatal: true }).decode(bytes) };
  } catch {
    throw new Error(t("import-not-utf8"));
  }
}

/** By the mark before the text that some programs make; the window's own dialog reads files the same way. */
function writtenIn(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
