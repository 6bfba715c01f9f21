/** Destinations as a person makes, tests and removes them, on the made-up program. */
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import AlertEditor from "../../alerts/AlertEditor.svelte";
import { App } from "../../app.svelte";
import { FakePlatform } from "../../platform/fake";
import Destinations from "./Destinations.svelte";
import { KINDS, choice, filled, newId, place, targetOf } from "./kinds";

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
});
let stop = () => {};
afterEach(() => {
  cleanup();
  stop();
  vi.unstubAllGlobals();
});

async function open(scenario = "destinations") {
  vi.stubGlobal("IntersectionObserver", class {});
  const platform = new FakePlatform(scenario);
  const app = new App(platform);
  stop = await app.start();
  render(Destinations, { app });
  await waitFor(() => expect(screen.getByTestId<HTMLButtonElement>("dest-add").disabled).toBe(false));
  return { platform, app };
}

const rows = () => screen.queryAllByTestId("destination");
const row = (name: string) => within(rows().find((one) => one.textContent.includes(name)) as HTMLElement);
const type = (id: string, value: string) => fireEvent.input(screen.getByTestId(id), { target: { value } });
const saves = () => screen.getByTestId<HTMLButtonElement>("dest-save");

test("one is made once it is complete, and its secret is put away and never shown", async () => {
  const { platform } = await open("live");
  expect(screen.getByTestId("destinations").textContent).toContain("Alerts go nowhere else yet");
  await fireEvent.click(screen.getByTestId("dest-add"));
  expect(screen.getByRole("dialog").textContent).toContain("has no mail server yet");
  await fireEvent.change(screen.getByTestId("dest-kind"), { target: { value: "telegram" } });
  expect(saves().disabled).toBe(true);
  await type("dest-chat", "-100123");
  expect(saves().disabled).toBe(true);
  await type("dest-secret", "1:abc");
  await fireEvent.click(saves());
  await waitFor(() => expect(rows().length).toBe(1));
  expect(platform.calls).toContain("secret 5");
  expect(rows()[0]?.textContent).toContain("Telegram · -100123");
  await waitFor(() => expect(screen.queryByTestId("dest-save")).toBeNull());
  expect([document.body.textContent.includes("1:abc"), screen.queryByDisplayValue("1:abc")]).toEqual([false, null]);
  await fireEvent.click(row("Telegram").getByTestId("dest-edit"));
  expect(screen.getByTestId<HTMLInputElement>("dest-secret").value).toBe("");
  expect(screen.getByTestId<HTMLInputElement>("dest-secret").placeholder).toContain("Set.");
  await type("dest-name", "Bot");
  await fireEvent.click(saves());
  await waitFor(() => expect(rows()[0]?.textContent).toContain("Bot"));
  expect(platform.places.list[0]?.secret).toBe(true);
});

test("what is refused is said where it was typed, and stays to be corrected", async () => {
  await open();
  await fireEvent.click(screen.getByTestId("dest-add"));
  await type("dest-address", "me@example");
  await type("dest-name", "refused");
  await fireEvent.click(saves());
  await waitFor(() => expect(within(screen.getByRole("dialog")).getByRole("alert").textContent).toContain("me@host"));
  expect(screen.getByTestId<HTMLInputElement>("dest-address").value).toBe("me@example");
});

test("a test says what the other end said", async () => {
  await open();
  await fireEvent.click(row("Work mail").getByTestId("dest-test"));
  await waitFor(() =>
    expect(row("Work mail").getByTestId("dest-outcome").textContent).toContain("Taken: 250 2.0.0 Ok"),
  );
  await fireEvent.click(row("Phone").getByTestId("dest-test"));
  await waitFor(() => expect(row("Phone").getByTestId("dest-outcome").textContent).toContain("Not taken: 429"));
  expect(row("Phone").getByText("3 wait")).toBeTruthy();
  expect(row("Team").getByTestId<HTMLButtonElement>("dest-test").disabled).toBe(true);
  expect(row("Team").getByText("Its secret is not set: edit it.")).toBeTruthy();
});

test("one is switched off, and removed when that was asked", async () => {
  const { platform } = await open();
  await fireEvent.click(row("Work mail").getByTestId("dest-switch"));
  await waitFor(() => expect(row("Work mail").getByTestId("dest-switch").getAttribute("aria-checked")).toBe("false"));
  expect(platform.places.list[0]?.destination.enabled).toBe(false);
  await fireEvent.click(row("Phone").getByTestId("dest-remove"));
  expect(rows().length).toBe(3);
  await fireEvent.click(screen.getByTestId("ask-yes"));
  await waitFor(() => expect(rows().length).toBe(2));
});

test("what was not delivered says why, and is tried again or forgotten", async () => {
  const { platform } = await open();
  const list = within(screen.getByTestId("undelivered"));
  expect(list.getByText(/Team · .* · 404: no_service/)).toBeTruthy();
  await fireEvent.click(list.getAllByTestId("undelivered-retry")[0] as HTMLElement);
  await waitFor(() => expect(platform.calls).toContain("again 1"));
  await waitFor(() => expect(list.getAllByTestId("undelivered-forget").length).toBe(1));
  await fireEvent.click(list.getByTestId("undelivered-forget"));
  await waitFor(() => expect(screen.queryByTestId("undelivered")).toBeNull());
});

test("an alert goes to all that there are, or to some of them", async () => {
  const { platform, app } = await open();
  render(AlertEditor, { app, symbol: "AAPL" });
  const boxes = await waitFor(() => {
    const found = screen.getAllByTestId<HTMLInputElement>("alert-destination");
    expect(found.length).toBe(3);
    return found;
  });
  expect(boxes.every((box) => box.checked)).toBe(true);
  await fireEvent.click(boxes[1] as HTMLElement);
  await fireEvent.click(screen.getByTestId("alert-save"));
  await waitFor(() => expect(platform.alertList.at(-1)?.destinations).toEqual(["mail", "team"]));
});

test("what is typed becomes a place, or none", () => {
  const typed = {
    ...filled(undefined),
    address: " a@b.example ",
    url: "https://h/",
    topic: "t",
    chat: "@channel",
    number: "+4917012345",
  };
  const made = KINDS.map((kind) => targetOf(kind, typed));
  expect(made).toEqual([
    { kind: "email", address: "a@b.example" },
    { kind: "ntfy", server: "https://ntfy.sh", topic: "t" },
    { kind: "telegram", chat: "@channel" },
    { kind: "slack" },
    { kind: "discord" },
    { kind: "sms", number: "+4917012345" },
    { kind: "webhook", url: "https://h/" },
  ]);
  expect(made.map((target) => target && place(target))).toEqual([
    "a@b.example",
    "ntfy.sh/t",
    "@channel",
    "",
    "",
    "+4917012345",
    "h",
  ]);
  for (const kind of KINDS.filter((one) => one !== "slack" && one !== "discord"))
    expect(targetOf(kind, { address: "a", url: "x", server: "x", topic: "a b", chat: "?", number: "112" })).toBeNull();
  expect(newId()).toMatch(/^[0-9a-f]{16}$/);
});

test("a choice of all is none, so that later ones count too", () => {
  const all = ["a", "b"].map((id) => ({ id, name: id, enabled: true, to: { kind: "slack" as const } }));
  expect([choice(all, ["b", "a"]), choice(all, ["a"]), choice(all, [])]).toEqual([null, ["a"], []]);
});
