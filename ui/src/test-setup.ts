/** Tests read English, as a reader does who chose nothing. */
import { speak } from "./i18n.svelte";

await speak("en");
