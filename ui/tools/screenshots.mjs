// Pictures of the interface on made-up data, for looking at. Usage: node ui/tools/screenshots.mjs [folder] [names] [language]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { createServer } from "vite";

const folder = process.argv[2] ?? "target/screenshots";
mkdirSync(folder, { recursive: true });
const server = await createServer({ configFile: "ui/vite.config.ts", server: { port: 0, strictPort: false } });
await server.listen();
const address = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});

const first = (page) => page.getByTestId("row").first();
const alerts = async (page) => {
  await page.getByTestId("alerts-open").click();
  await page.getByTestId("alerts-tab-log").waitFor();
};
const allAlerts = async (page) => {
  await alerts(page);
  await page.getByTestId("alerts-tab-all").click();
};
const editor = async (page, kind) => {
  if (page.viewportSize().width < 800) await first(page).click();
  await page.getByTestId("add-alert").click();
  await page.getByTestId("alert-kind").selectOption(kind);
  await page.getByTestId("alert-repeat").getByRole("radio").nth(1).click();
};
async function settings(page) {
  await page.getByTestId("settings-open").click();
  await page.getByTestId("provider").first().waitFor();
}
/** Down to one of the sections. */
async function section(page, id) {
  await settings(page);
  await page.locator(`#set-${id}`).waitFor();
  await page.locator(`#set-${id}`).evaluate((part) => part.scrollIntoView({ block: "start" }));
}
async function quiet(page) {
  await section(page, "alerts");
  await page.getByTestId("set-quiet").click();
  await page.getByTestId("set-digest").click();
}
async function compact(page) {
  await settings(page);
  await page.locator("#set-appearance .segments").nth(1).getByRole("radio").nth(1).click();
  await page.getByTestId("settings-back").click();
}
const note = async (page) => {
  await page.getByTestId("row").first().focus();
  await page.keyboard.press("F2");
};
/** A number that others would read otherwise. */
async function lotRead(page) {
  await note(page);
  await page.getByTestId("lot-quantity").first().fill("1,000");
}
/** What is said over the settings. */
async function refused(page) {
  await section(page, "backups");
  const restore = page.getByTestId("backups").getByRole("button").first();
  await restore.click();
  await restore.click();
  await page.getByTestId("toast").waitFor();
}
const importFile = async (page) => {
  await page.getByTestId("list-menu").click();
  await page.getByRole("menuitem", { name: /Import/ }).click();
  const buffer = Buffer.from("AAPL");
  await page.getByTestId("import-file").setInputFiles({ name: "quotes.csv", mimeType: "text/csv", buffer });
  await page.getByTestId("import-problems").waitFor();
};
const backups = async (page) => {
  await settings(page);
  await page.getByTestId("backups").scrollIntoViewIfNeeded();
};
const destinations = async (page) => {
  await section(page, "destinations");
  await page.getByTestId("dest-test").first().click();
  await page.getByTestId("dest-outcome").waitFor();
};
const newDestination = async (page) => {
  await section(page, "destinations");
  await page.getByTestId("dest-add").click();
  await page.getByTestId("dest-kind").selectOption("ntfy");
};
const candles = (page) => page.getByTestId("chart-candles").click();
const compare = async (page) => {
  await page.getByTestId("compare").click();
  await page.getByTestId("compare-option").first().click();
  await page.getByTestId("compared").waitFor();
};
const opened = (act) => async (page) => {
  await first(page).click();
  await act(page);
};
const picking = async (page) => {
  await page.getByTestId("compare").click();
  await page.getByTestId("compare-option").first().waitFor();
};
const more = async (page) => {
  await page.getByTestId("more").click();
  await page.getByRole("menu").waitFor();
};
const hovered = async (page) => {
  const box = await page.getByRole("img").first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60);
};
const SHOTS = [
  ["main-1280-light", 1280, 800, "live", "light"],
  ["main-1280-dark", 1280, 800, "live", "dark"],
  ["main-1600-dark", 1600, 900, "live", "dark"],
  ["main-820-light", 820, 900, "live", "light"],
  ["list-420-dark", 420, 800, "live", "dark"],
  ["detail-420-light", 420, 800, "live", "light", (page) => first(page).click()],
  [
    "search-light",
    1280,
    800,
    "live",
    "light",
    async (page) => {
      await page.getByTestId("search-input").fill("app");
      await page.getByTestId("search-option").first().waitFor();
    },
  ],
  ["alert-dark", 1280, 800, "live", "dark", (page) => page.getByTestId("add-alert").click()],
  ...["light", "dark"].flatMap((theme) => [
    ["alerts-chips-" + theme, 1280, 800, "alerts", theme],
    ["alerts-log-" + theme, 1280, 800, "alerts", theme, alerts],
    ["alerts-all-" + theme, 1280, 800, "alerts", theme, allAlerts],
  ]),
  ["alerts-chips-820", 820, 900, "alerts", "light"],
  ["alerts-log-820", 820, 900, "alerts", "dark", alerts],
  ["alerts-chips-420", 420, 800, "alerts", "light", (page) => first(page).click()],
  ["alerts-log-420", 420, 800, "alerts", "light", alerts],
  ["alerts-all-420", 420, 800, "alerts", "dark", allAlerts],
  ["alerts-list-420", 420, 800, "alerts", "light"],
  ["alerts-log-empty", 1280, 800, "live", "light", alerts],
  [
    "alerts-removed",
    1280,
    800,
    "alerts",
    "light",
    async (page) => {
      await allAlerts(page);
      await page.getByTestId("all-remove").first().click();
    },
  ],
  ["alert-within-light", 1280, 800, "alerts", "light", (page) => editor(page, "move_within")],
  ["alert-volume-420", 420, 800, "alerts", "dark", (page) => editor(page, "volume_spike")],
  ["alert-year-dark", 1280, 800, "alerts", "dark", (page) => editor(page, "year_high")],
  ...["light", "dark"].flatMap((theme) =>
    [420, 1280].flatMap((width) => [
      [`destinations-${width}-${theme}`, width, 800, "destinations", theme, destinations],
      [`destination-new-${width}-${theme}`, width, 800, "destinations", theme, newDestination],
    ]),
  ),
  ["destinations-alert-dark", 1280, 800, "destinations", "dark", (page) => page.getByTestId("add-alert").click()],
  ["alert-fired-light", 1280, 800, "alerts", "light", (page) => page.getByTestId("alert-chip").nth(1).click()],
  ["post-light", 1280, 800, "live", "light", (page) => page.getByTestId("row").nth(1).click()],
  ["port-light", 1280, 800, "port", "light"],
  ["resized-420-light", 1280, 800, "live", "light", (page) => page.setViewportSize({ width: 420, height: 800 })],
  [
    "resized-detail-420-light",
    1280,
    800,
    "live",
    "light",
    async (page) => {
      await first(page).click();
      await page.setViewportSize({ width: 420, height: 800 });
    },
  ],
  ["settings-light", 1280, 800, "live", "light", settings],
  ["keys-light", 1280, 800, "live", "light", (page) => page.keyboard.press("?")],
  ["firstrun-light", 1280, 800, "firstrun", "light"],
  ["firstrun-420", 420, 800, "firstrun", "light"],
  ["stale-light", 1280, 800, "stale", "light"],
  ["stale-dark", 1280, 800, "stale", "dark"],
  ["stale-420-light", 420, 800, "stale", "light"],
  ["stale-detail-420-dark", 420, 800, "stale", "dark", (page) => first(page).click()],
  ["simulated-light", 1280, 800, "simulated", "light"],
  ["simulated-420", 420, 800, "simulated", "dark"],
  ["replay-light", 1280, 800, "replay", "light"],
  ["replay-820-light", 820, 900, "replay", "light"],
  ["replay-420-dark", 420, 800, "replay", "dark"],
  ["fallback-dark", 1280, 800, "fallback", "dark"],
  ["reference-rate-light", 1280, 800, "fallback", "light", (page) => page.getByTestId("row").nth(5).click()],
  ["key-rejected-light", 1280, 800, "key", "light"],
  ["key-rejected-420-dark", 420, 800, "key", "dark"],
  ["halted-light", 1280, 800, "halted", "light"],
  ["delisted-dark", 1280, 800, "delisted", "dark"],
  ["delisted-400-light", 400, 800, "delisted", "light"],
  ["kept-chart-light", 1280, 800, "kept", "light"],
  ["settings-providers-light", 1280, 800, "providers", "light", settings],
  ["settings-providers-dark", 1280, 800, "providers", "dark", settings],
  ["settings-providers-420-light", 420, 800, "providers", "light", settings],
  ["settings-key-dark", 1280, 800, "key", "dark", settings],
  [
    "settings-no-keychain-light",
    1280,
    800,
    "nokeychain",
    "light",
    async (page) => {
      await settings(page);
      await page.getByTestId("key-input").fill("abc");
      await page.getByTestId("key-save").click();
      await page.getByTestId("key-problem").waitFor();
    },
  ],
  ["settings-dark", 1280, 800, "live", "dark", settings],
  ["settings-820-light", 820, 900, "live", "light", settings],
  ["settings-420-dark", 420, 800, "live", "dark", settings],
  ["settings-network-light", 1280, 800, "network", "light", (page) => section(page, "broker")],
  ["settings-network-420-light", 420, 800, "network", "light", (page) => section(page, "broker")],
  ["settings-overridden-light", 1280, 800, "overridden", "light", (page) => section(page, "prices")],
  ["settings-alerts-light", 1280, 800, "live", "light", quiet],
  ["settings-tray-dark", 1280, 800, "bare", "dark", (page) => section(page, "tray")],
  ["settings-backups-420-light", 420, 800, "live", "light", (page) => section(page, "backups")],
  ["settings-broken-light", 1280, 800, "broken", "light", settings],
  ["settings-web-light", 1280, 800, "web", "light", settings],
  [
    "settings-restart-light",
    1280,
    800,
    "live",
    "light",
    async (page) => {
      await section(page, "broker");
      await page.getByTestId("set-web").click();
    },
  ],
  [
    "settings-ask-dark",
    1280,
    800,
    "live",
    "dark",
    async (page) => {
      await section(page, "broker");
      await page.getByTestId("set-who").getByRole("radio").last().click();
    },
  ],
  ["compact-light", 1280, 800, "live", "light", compact],
  ["compact-420-dark", 420, 800, "stale", "dark", compact],
  ["lists-1280-light", 1280, 800, "lists", "light"],
  ["lists-1600-dark", 1600, 900, "lists", "dark"],
  ["lists-820-light", 820, 900, "lists", "light"],
  ["lists-420-dark", 420, 800, "lists", "dark"],
  ["row-menu-light", 1280, 800, "live", "light", (page) => page.getByTestId("row").nth(2).click({ button: "right" })],
  [
    "row-menu-keyboard-dark",
    1280,
    800,
    "lists",
    "dark",
    async (page) => {
      await page.getByTestId("row").nth(1).focus();
      await page.keyboard.press("Shift+F10");
      await page.getByRole("menu").waitFor();
      for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
    },
  ],
  ["list-menu-420-light", 420, 800, "lists", "light", (page) => page.getByTestId("list-menu").click()],
  [
    "columns-dark",
    1280,
    800,
    "lists",
    "dark",
    async (page) => {
      await page.getByTestId("list-menu").click();
      await page.getByRole("menuitem").first().hover();
      await page.getByRole("menuitemcheckbox").first().waitFor();
    },
  ],
  ["note-light", 1280, 800, "lists", "light", note],
  ["note-read-dark", 1280, 800, "lists", "dark", lotRead],
  ["settings-refused-light", 1280, 800, "live", "light", refused],
  ["note-420-dark", 420, 800, "lists", "dark", note],
  ["import-light", 1280, 800, "lists", "light", importFile],
  ["import-420-dark", 420, 800, "lists", "dark", importFile],
  ["backups-light", 1280, 800, "lists", "light", backups],
  ["backups-420-dark", 420, 800, "lists", "dark", backups],
  ["empty-light", 1280, 800, "empty", "light"],
  ["empty-420-dark", 420, 800, "empty", "dark"],
  ["connecting-light", 1280, 800, "connecting", "light"],
  ["hostile-light", 1280, 800, "hostile", "light"],
  ["hover-light", 1280, 800, "live", "light", hovered],
  ["closed-light", 1280, 800, "closed", "light"],
  ["candles-light", 1280, 800, "live", "light", candles],
  ["candles-820-dark", 820, 900, "live", "dark", candles],
  ["candles-420-light", 420, 800, "live", "light", opened(candles)],
  ["candles-hover-dark", 1280, 800, "live", "dark", async (page) => (await candles(page), await hovered(page))],
  ["compare-light", 1280, 800, "live", "light", compare],
  ["compare-420-dark", 420, 800, "live", "dark", opened(compare)],
  [
    "compare-months-dark",
    1280,
    800,
    "live",
    "dark",
    async (page) => (await page.getByTestId("range-6mo").click(), await compare(page), await hovered(page)),
  ],
  ["compare-picker-light", 1280, 800, "live", "light", picking],
  ["compare-picker-420-light", 420, 800, "live", "light", opened(picking)],
  ["more-dark", 1280, 800, "live", "dark", more],
  ["more-420-light", 420, 800, "live", "light", opened(more)],
  ["no-bars-light", 1280, 800, "young", "light", (page) => page.getByTestId("range-5y").click()],
  ["young-light", 820, 900, "young", "light", (page) => page.getByTestId("range-1y").click()],
  ["table-light", 1280, 800, "live", "light", (page) => page.getByTestId("chart-table").click()],
];
const [, , , wanted, locale = "en"] = process.argv;
for (const [name, width, height, scenario, colorScheme, act] of SHOTS) {
  if (wanted && !new RegExp(wanted).test(name)) continue;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme, locale, reducedMotion: "reduce" });
  page.on("pageerror", (error) => console.error(name, error.message));
  page.on("console", (message) => message.type() === "error" && console.error(name, message.text()));
  await page.clock.install({ time: new Date("2026-11-24T19:42:20Z") });
  await page.goto(`${address}?platform=fake&scenario=${scenario}`);
  await page.getByTestId(scenario === "firstrun" ? "first-run" : "feed-state").waitFor();
  await page.clock.runFor(1500);
  await page.waitForLoadState("networkidle");
  await act?.(page);
  await page.clock.runFor(1500);
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}
await browser.close();
await server.close();
