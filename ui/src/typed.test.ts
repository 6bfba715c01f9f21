import { afterEach, expect, test } from "vitest";
import { price } from "./format";
import { speak } from "./i18n.svelte";
import { fieldText, positive, readAs, typed } from "./typed";

afterEach(() => speak("en"));

test.each([
  ["250", 250],
  ["250.5", 250.5],
  ["250,5", 250.5],
  ["1,234", 1234],
  ["1.234", 1.234],
  ["0,123", 0.123],
  ["1,234.56", 1234.56],
  ["1.234,56", 1234.56],
  ["1,234,567", 1234567],
  ["1 234.5 USD", 1234.5],
  ["$ 1’234.50", 1234.5],
  ["3 %", 3],
  [".5", 0.5],
  ["250.", 250],
])("in English “%s” is read as %s", (text, value) => expect(typed(text)).toBe(value));

test.each([
  ["1.234", 1234],
  ["1,234", 1.234],
  ["1.5", 1.5],
  ["0.123", 0.123],
  ["1.234,5", 1234.5],
  ["1,234.5", 1234.5],
  ["12.345.678", 12345678],
])("in German “%s” is read as %s", async (text, value) => {
  await speak("de");
  expect(typed(text)).toBe(value);
});

test.each(["", "abc", "-5", "1e5", "12abc34", "1.2.3", "12,34,567", ".", "1,23.4", "NaN"])(
  "“%s” is no number",
  (text) => expect(typed(text)).toBeNull(),
);

test("nothing is a number, and not one above 0", () => {
  expect([typed("0"), positive("0"), positive("0.5")]).toEqual([0, null, 0.5]);
});

test("how an ambiguous number was read is told", async () => {
  const said = (value: number) => price(value, 2);
  expect(readAs("250.5", said)).toBeUndefined();
  expect(readAs("1,234", said)).toBe("Read as 1,234.00.");
  await speak("de");
  expect(readAs("1,5", said)).toBeUndefined();
  expect(readAs("1.234", said)).toBe("Gelesen als 1.234,00.");
  expect(readAs("1.5", said)).toBe("Gelesen als 1,50.");
});

test.each(["en", "de"])("in %s a field is read back to the last digit", async (tag) => {
  await speak(tag);
  for (const value of [0, 1e-7, 2.5e-10, 0.1 + 0.2, 1.234, 1000, 12345.678, 999.999, 97508.97])
    expect(typed(fieldText(value, 2))).toBe(value);
  expect(fieldText(1e-7)).toMatch(/^0[.,]0000001$/);
});
