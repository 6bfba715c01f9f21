import { mount } from "svelte";
import { speak } from "./i18n.svelte";
import Root from "./Root.svelte";
import { choosePlatform } from "./platform";
import "./styles/tokens.css";
import "./styles/base.css";

const target = document.getElementById("app");
/** The ticker strip is another window of the same page. */
const strip = new URLSearchParams(location.search).get("window") === "strip";
const page = strip ? stripPage() : Root;

async function stripPage() {
  return (await import("./strip/Strip.svelte")).default;
}

if (target) {
  void Promise.all([page, choosePlatform(), speak()]).then(([Page, platform]) =>
    mount(Page, { target, props: { platform } }),
  );
}
