/** The window for tests, on the made-up desk, as it is when it has been open for a while. */
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeAll, beforeEach, vi } from "vitest";
import { speak } from "./i18n.svelte";
import { lazy } from "./lazy";
import { FakePlatform } from "./platform/fake";
import Root from "./Root.svelte";

/** A layout engine would be needed to draw; what the chart says is tested in words. */
export const undrawn = {
  reference: () => 1,
  openChart: () => ({ draw() {}, live() {}, step() {}, destroy() {} }),
};

/** What a page has and this one has not; a day and its end around each test. */
export function aWindow(): void {
  beforeAll(() => Promise.all(Object.values(lazy).map((load) => load())), 60_000);
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-24T19:42:20Z") });
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        observe() {}
        disconnect() {}
      },
    );
    HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
      this.open = true;
    };
    Element.prototype.animate ??= () => ({ cancel() {}, finished: Promise.resolve() }) as unknown as Animation;
    Element.prototype.scrollIntoView ??= () => {};
    Element.prototype.hasPointerCapture ??= () => false;
  });
  afterEach(async () => {
    cleanup();
    await speak("en");
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
}

/** Opens it, prepared, and waits until it is there. */
export async function openWindow(
  scenario = "live",
  prepare: (platform: FakePlatform) => void = () => {},
): Promise<FakePlatform> {
  const platform = new FakePlatform(scenario);
  prepare(platform);
  render(Root, { platform });
  await waitFor(() => screen.getByTestId(scenario === "firstrun" ? "first-run" : "feed-state"));
  return platform;
}
