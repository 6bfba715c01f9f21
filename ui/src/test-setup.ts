/** Tests read English, as a reader does who chose nothing, and begin with nothing remembered. */
import { beforeEach } from "vitest";
import { speak } from "./i18n.svelte";

beforeEach(() => localStorage.clear());
await speak("en");
