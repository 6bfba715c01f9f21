import { mount } from "svelte";
import { speak } from "./i18n.svelte";
import Root from "./Root.svelte";
import { choosePlatform } from "./platform";
import "./styles/tokens.css";
import "./styles/base.css";

const target = document.getElementById("app");
if (target) {
  void Promise.all([choosePlatform(), speak()]).then(([platform]) => mount(Root, { target, props: { platform } }));
}
