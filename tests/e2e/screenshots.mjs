/** `npm run screenshots`: the real window with simulated prices, wide and narrow, light and dark, into docs/images. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Desktop } from "./support/desktop.mjs";
import { TOP } from "./support/process.mjs";
import { until } from "./support/until.mjs";
import { Window } from "./support/window.mjs";

const FOLDER = process.argv[2] ?? join(TOP, "docs", "images");
const SIZES = { wide: [1280, 800], narrow: [420, 800] };

mkdirSync(FOLDER, { recursive: true });
const desktop = await Desktop.started({ size: "1400x900" });

function keep(name, picture) {
  writeFileSync(join(FOLDER, `${name}.png`), picture);
  process.stdout.write(`${name}.png\n`);
}

/** Until the web view has that width inside, whatever its frame takes. */
async function resize({ page, driver }, [width, height]) {
  await driver.manage().window().setRect({ width, height });
  await until(`the window is ${width} wide`, async () => Math.abs((await page.run("return innerWidth")) - width) < 40);
  await until("the page is laid out for it", () => page.run("return (innerWidth < 800) === (document.querySelector('.navbar') !== null)"));
  // Until it is drawn anew, the chart is the old picture, squeezed.
  await until("the chart is drawn to its size", () => page.run("return [...document.querySelectorAll('canvas')].every((one) => Math.abs(one.width / devicePixelRatio - one.offsetWidth) <= 1)"));
}

// The theme is the desktop's own, so each has a window of its own.
for (const [theme, env] of [["light", {}], ["dark", { GTK_THEME: "Adwaita:dark" }]]) {
  const window = await Window.opened(desktop, { args: ["--feed", "simulated"], env });
  const { page } = window;
  if (theme === "light") {
    await page.element("first-run");
    keep("first-run", await page.picture());
    await page.click("first-run-start");
  }
  await page.click("row", "AAPL");
  await until("the chart is drawn", () => page.run("return document.querySelectorAll('canvas').length > 0"));
  await until("every row has a price", async () => (await Promise.all((await page.rows()).map((symbol) => page.price(symbol)))).every((price) => price > 0));
  for (const [size, rectangle] of Object.entries(SIZES)) {
    await resize(window, rectangle);
    keep(`${size}-${theme}`, await page.picture());
  }
  await window.close();
}
await desktop.stop();
process.exit(0);
