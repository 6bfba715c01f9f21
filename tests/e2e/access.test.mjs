/** Everybody can use it: axe finds nothing on any screen, and the keyboard alone is enough from the first run on. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { FakeUi } from "./support/fake-ui.mjs";
import { until } from "./support/until.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [420, 800, 1600];
const THEMES = ["light", "dark"];
const LANGUAGES = ["en", "de"];

/** @type {FakeUi} */ let ui;
before(async () => (ui = await FakeUi.started()));
after(() => ui?.stop());

const shown = (page, id) => page.getByTestId(id).first().waitFor();
const settings = async (page) => {
  await page.keyboard.press("Control+,");
  await shown(page, "settings");
  await shown(page, "provider");
};

const importing = async (page) => {
  await page.getByTestId("list-menu").click();
  await page.getByRole("menuitem", { name: /^Import/ }).click();
};
/** Asked once, then done. */
const restore = async (page) => {
  const first = page.getByTestId("backups").getByRole("button").first();
  await first.click();
  await first.click();
};
const strip = async (page) => {
  await page.goto(`${page.url()}&window=strip`);
  await shown(page, "strip-close");
};

const search = async (page, text) => {
  await page.keyboard.press("/");
  await until("the search has the keyboard", async () => (await focused(page))?.id === "search-input");
  await page.keyboard.type(text);
};

/** Each screen: the state of the made-up market, and how to get there with the keyboard. @type {[string, string, ((page: import("playwright-core").Page) => Promise<unknown>)?][]} */
const SCREENS = [
  ["main", "live"],
  ["lists with columns and groups", "lists"],
  ["detail", "live", async (page) => (await page.getByTestId("row").nth(1).focus(), page.keyboard.press("Enter"))],
  ["chart as a table", "live", async (page) => (await open(page), page.getByTestId("chart-table").click())],
  ["candles", "live", async (page) => (await open(page), page.getByTestId("chart-candles").click())],
  ["picking what to compare with", "live", async (page) => (await open(page), await page.getByTestId("compare").click(), shown(page, "compare-option"))],
  ["compared", "live", async (page) => (await open(page), await page.getByTestId("compare").click(), await page.getByTestId("compare-option").first().click(), shown(page, "compared"))],
  ["first run", "firstrun"],
  ["stale", "stale"],
  ["simulated", "simulated"],
  ["replay", "replay"],
  ["another provider", "fallback"],
  ["key rejected", "key"],
  ["port taken", "port"],
  ["halted", "halted"],
  ["delisted", "delisted"],
  ["connecting", "connecting"],
  ["empty list", "empty"],
  ["search", "live", async (page) => (await search(page, "app"), shown(page, "search-option"))],
  ["search without result", "live", async (page) => (await search(page, "zzz"), page.getByText("zzz").first().waitFor())],
  ["alert editor", "live", async (page) => (await page.keyboard.press("a"), page.getByRole("dialog").waitFor())],
  ["alert log", "alerts", async (page) => (await page.keyboard.press("l"), shown(page, "alerts-tab-log"))],
  ["all alerts", "alerts", async (page) => (await page.keyboard.press("l"), page.getByTestId("alerts-tab-all").click())],
  ["palette", "live", async (page) => (await page.keyboard.press("Control+Shift+P"), shown(page, "palette-option"))],
  ["palette without result", "live", async (page) => (await page.keyboard.press("Control+Shift+P"), await shown(page, "palette-option"), page.keyboard.type("qqqq"))],
  ["keys", "live", async (page) => (await page.keyboard.press("?"), page.getByRole("dialog").waitFor())],
  ["settings", "live", settings],
  ["settings with troubled providers", "providers", settings],
  ["destinations with what they said", "destinations", async (page) => (await settings(page), await page.getByTestId("dest-test").first().click(), shown(page, "dest-outcome"))],
  ["new destination", "destinations", async (page) => (await settings(page), await page.getByTestId("dest-add").click(), shown(page, "dest-kind"))],
  ["alert editor with destinations", "destinations", async (page) => (await page.keyboard.press("a"), shown(page, "alert-destination"))],
  ["settings for the network", "network", settings],
  ["settings without a tray", "bare", settings],
  ["settings of a web page", "web", async (page) => (await page.keyboard.press("Control+,"), shown(page, "settings"))],
  ["menu of a row", "live", async (page) => (await page.getByTestId("row").first().focus(), await page.keyboard.press("Shift+F10"), page.getByRole("menu").waitFor())],
  ["note", "lists", async (page) => (await page.getByTestId("row").first().focus(), await page.keyboard.press("F2"), page.getByRole("dialog").waitFor())],
  ["import", "lists", async (page) => (await importing(page), page.getByRole("dialog").waitFor())],
  ["import of a file with faults", "lists", async (page) => (await importing(page), await page.getByTestId("import-file").setInputFiles({ name: "quotes.csv", mimeType: "text/csv", buffer: Buffer.from("AAPL") }), shown(page, "import-problems"))],
  ["backups", "live", async (page) => (await settings(page), await page.getByTestId("backups").getByRole("button").first().click(), page.getByText(/Replace everything|Alles ersetzen/).waitFor())],
  ["toast over the settings", "live", async (page) => (await settings(page), await restore(page), shown(page, "toast"))],
  ["ticker strip", "live", strip],
  ["ticker strip of an empty list", "empty", strip],
  ["toast", "live", async (page) => (await page.getByTestId("row").first().focus(), await page.keyboard.press("Delete"), shown(page, "toast"))],
];

const open = async (page) => (await page.getByTestId("row").first().focus(), await page.keyboard.press("Enter"));

/** What axe has to say against the page as it is now: rule, element, why. */
async function violations(page) {
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) => `${id}: ${target.join(" ")}: ${[...any, ...all, ...none].map(({ message }) => message).join("; ").slice(0, 200)}`));
}

describe("axe finds nothing", () => {
  for (const [name, scenario, act] of SCREENS.filter(([name]) => new RegExp(process.env.SCREEN ?? "").test(name))) {
    test(name, async () => {
      const found = new Map();
      for (const locale of LANGUAGES) {
        const page = await ui.open(scenario, { locale, viewport: { width: 1280, height: 900 } });
        await act?.(page);
        await page.evaluate(AXE);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
          for (const colorScheme of THEMES) {
            await page.emulateMedia({ colorScheme });
            await until("the theme", () => page.evaluate((theme) => document.documentElement.dataset.theme === theme, colorScheme));
            for (const line of await violations(page)) found.set(line, [...(found.get(line) ?? []), `${locale} ${width} ${colorScheme}`]);
          }
        }
        assert.deepEqual(page.problems, []);
        await page.close();
      }
      assert.deepEqual([...found].map(([line, where]) => `${line} (${where.length}: ${where[0]})`), []);
    });
  }
});

/** Where the keyboard is: test id, symbol, name for a screen reader, part of the page. */
const focused = (page) => page.evaluate(() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const label = it.getAttribute("aria-label") ?? [...(it.labels ?? [])].map((one) => one.textContent).join(" ");
  const by = it.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent).join(" ");
  const part = ["search", "navigation", "main", "complementary"].find((role) => it.closest({ search: '[role="search"]', navigation: '[role="navigation"]', main: "main", complementary: "aside" }[role]));
  const { width, height } = it.getBoundingClientRect();
  return { id: it.dataset.testid, symbol: it.dataset.symbol, name: (label || by || it.textContent || it.title).trim(), part, seen: width > 0 && height > 0 };
});
const rows = (page) => page.getByTestId("row").evaluateAll((all) => all.map((row) => row.dataset.symbol));

/** Presses Tab until the keyboard is there. */
async function tabTo(page, id) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await focused(page))?.id === id) return;
  }
  assert.fail(`Tab does not lead to ${id}`);
}

describe("the keyboard alone", () => {
  test("leads from the first run to a followed symbol, an alert, another order, another list and the settings", async () => {
    const page = await ui.open("firstrun", { locale: "en" });
    await tabTo(page, "first-run-start");
    await page.keyboard.press("Enter");
    await shown(page, "row");

    await search(page, "salesf");
    await page.getByTestId("search-option").filter({ hasText: "CRM" }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator('[data-testid="row"][data-symbol="CRM"]').waitFor();

    await page.keyboard.press("a");
    await page.getByRole("dialog").waitFor();
    await tabTo(page, "alert-value");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("400");
    await page.keyboard.press("Enter");
    await page.getByTestId("alert-chip").filter({ hasText: "400" }).waitFor();

    await tabTo(page, "row");
    await page.keyboard.press("Home");
    const before = await rows(page);
    await until("the first row has the keyboard", async () => (await focused(page))?.symbol === before[0]);
    await page.keyboard.press("Alt+ArrowDown");
    await until("another order", async () => (await rows(page))[1] === before[0]);
    await until("the keyboard goes along", async () => (await focused(page))?.symbol === before[0]);

    await page.keyboard.press("Control+2");
    await until("the other list", async () => (await rows(page)).includes("SAP.DE"));
    await settings(page);
    await tabTo(page, "language");
    await page.keyboard.press("Escape");
    await page.getByTestId("settings").waitFor({ state: "detached" });
    await page.close();
  });

  test("does by name what the palette offers, and is back where it was", async () => {
    const page = await ui.open("live", { locale: "en", colorScheme: "light" });
    await tabTo(page, "row");
    const was = await focused(page);
    await page.keyboard.press("Control+Shift+P");
    await shown(page, "palette-option");
    assert.equal((await focused(page)).id, "palette-input");
    await page.keyboard.press("Escape");
    await until("the row has the keyboard again", async () => (await focused(page))?.symbol === was.symbol);
    await page.keyboard.press("Control+Shift+P");
    await shown(page, "palette-option");
    await page.keyboard.type("dark theme");
    await page.keyboard.press("Enter");
    await until("it is dark", () => page.evaluate(() => document.documentElement.dataset.theme === "dark"));
    assert.equal((await focused(page)).symbol, was.symbol);
    await page.keyboard.press("Control+Shift+P");
    await shown(page, "palette-option");
    await page.keyboard.type("search");
    await page.keyboard.press("Enter");
    await until("the search has it", async () => (await focused(page))?.id === "search-input");
    for (const [key, id] of [["Control+,", "settings"], ["a", "alert-value"], ["?", undefined]]) {
      await tabTo(page, "row");
      await page.keyboard.press(key);
      const dialog = id === "settings" ? page.getByTestId(id) : page.getByRole("dialog");
      await dialog.waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      assert.equal((await focused(page))?.symbol, was.symbol, `after ${key}`);
    }
    await page.close();
  });

  test("goes through the page in its order, one stop a list, each with a name", async () => {
    const page = await ui.open("live", { locale: "en", viewport: { width: 1600, height: 900 } });
    await page.getByRole("complementary").getByRole("button").first().waitFor();
    const stops = [];
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press("Tab");
      const stop = await focused(page);
      if (!stop) break;
      stops.push(stop);
    }
    assert.deepEqual(stops.filter(({ name, seen }) => !name || !seen), []);
    assert.equal(stops.filter(({ id }) => id === "row").length, 1);
    assert.equal(stops.filter(({ id }) => id === "tab").length, 1);
    const parts = stops.map(({ part }) => part);
    assert.deepEqual(parts.filter((part, at) => part !== parts[at - 1]), ["search", "navigation", "main", "complementary"]);
    await page.close();
  });

  test("goes into the instrument that covers the list, and back to its row", async () => {
    const page = await ui.open("live", { locale: "en", viewport: { width: 420, height: 800 } });
    await tabTo(page, "row");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await until("the way back has the keyboard", async () => (await focused(page))?.part === "main");
    const { symbol } = await page.evaluate(() => ({ symbol: document.querySelector('.row.selected')?.dataset.symbol }));
    await page.keyboard.press("Escape");
    await until("the row has it again", async () => (await focused(page))?.symbol === symbol);
    await page.close();
  });
});

test("at 200 % zoom nothing is cut off sideways", async () => {
  const page = await ui.open("live", { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: innerWidth }));
  assert.ok(wide <= room, `${wide} in ${room}`);
  await page.close();
});

test("forced colours leave every state a shape", async () => {
  const page = await ui.open("live", { forcedColors: "active" });
  const bare = await page.evaluate(() => [...document.querySelectorAll(".pill .pill, .tag")].filter((one) => getComputedStyle(one).borderStyle === "none").length);
  assert.equal(bare, 0);
  const bar = await page.locator(".row.selected").evaluate((row) => getComputedStyle(row).outlineStyle);
  assert.notEqual(bar, "none", "the selected row");
  await page.close();
});
