import { mount } from "svelte";
import Root from "./Root.svelte";
import { choosePlatform } from "./platform";
import "./styles/tokens.css";
import "./styles/base.css";

const target = document.getElementById("app");
if (target) void choosePlatform().then((platform) => mount(Root, { target, props: { platform } }));
