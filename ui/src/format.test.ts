import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { typed } from "./typed";
import type { Quote } from "./bindings";
import * as format from "./format";
import { speak } from "./i18n.svelte";
import { FakePlatform } from "./platform/fake";

const THIN = "\u202f";
const now = new Date("2026-11-24T19:42:20Z");

describe("prices", () => {
  test.each([
    [244.6, 2, "244.60"],
    [0.6662, 4, "0.6662"],
    [2769, 1, "2,769.0"],
    [97508.97, 2, "97,508.97"],
    [1.04937, 5, "1.04937"],
    [0, 2, "0.00"],
  ])("%s with %s digits is %s", (value, digits, text) => expect(format.price(value, digits)).toBe(text));

  test.each([
    [12.3, undefined, "12.30"],
    [0.5, undefined, "0.5000"],
    [0.00000812, undefined, "0.000008120"],
    [1.04937, "currency" as const, "1.04937"],
    [151.234, "currency" as const, "151.234"],
  ])("%s without digits is %s", (value, kind, text) => expect(format.price(value, null, kind)).toBe(text));

  test.each([null, undefined, NaN, Infinity])("%s is unknown, never 0 or NaN", (value) => {
    expect(format.price(value)).toBe("–");
    expect(format.percent(value)).toBe("–");
    expect(format.large(value)).toBe("–");
  });
});

describe("moves", () => {
  test.each([
    [1.27, `+1.27${THIN}%`, "up"],
    [-0.51, `−0.51${THIN}%`, "down"],
    [0, `0.00${THIN}%`, "flat"],
    [0.001, `0.00${THIN}%`, "flat"],
    [-0.006, `−0.01${THIN}%`, "down"],
    [1234.5, `+1,235${THIN}%`, "up"],
  ])("%s is %s", (value, text, direction) => {
    expect(format.percent(value)).toBe(text);
    expect(format.direction(value)).toBe(direction);
  });

  test("a change has its sign and the price's digits", () => {
    expect(format.change(3.07, 2)).toBe("+3.07");
    expect(format.change(-2.11, 2)).toBe("−2.11");
    expect(format.change(0, 2)).toBe("0.00");
  });
});

test.each([
  [412_600, `412.6${THIN}K`],
  [40_900_000, `40.90${THIN}M`],
  [3.67e12, `3.67${THIN}T`],
  [812, "812"],
])("%s is %s", (value, text) => expect(format.large(value)).toBe(text));

describe("times", () => {
  test("today is the exchange's time of day", () => {
    expect(format.moment("2026-11-24T19:42:10Z", "America/New_York", now)).toBe("14:42");
    expect(format.moment("2026-11-24T19:42:10Z", "America/New_York", now, true)).toBe("14:42:10");
    expect(format.zoneName("2026-11-24T19:42:10Z", "America/New_York")).toBe("ET");
  });

  test("older ones carry the day, then the date, then the year", () => {
    expect(format.moment("2026-11-20T21:00:00Z", "America/New_York", now)).toBe("Fri 16:00");
    expect(format.moment("2026-02-13T21:00:00Z", "America/New_York", now)).toBe("Fri 13 Feb");
    expect(format.moment("2022-08-09T14:00:00Z", "America/New_York", now)).toBe("9 Aug 2022");
  });

  test("a zone nobody knows does no harm", () => {
    expect(format.time("2026-11-24T19:42:10Z", "Mars/Olympus")).toMatch(/^\d\d:\d\d$/);
    expect(format.zoneName("2026-11-24T19:42:10Z", "Mars/Olympus")).toBe("");
  });

  test.each([
    ["2026-11-24T19:59:30Z", "just now"],
    ["2026-11-24T19:22:00Z", "38 min ago"],
    ["2026-11-24T19:00:01Z", "59 min ago"],
    ["2026-11-24T19:00:00Z", "1 h ago"],
    ["2026-11-23T20:00:01Z", "23 h ago"],
    ["2022-08-09T14:00:00Z", "9 Aug 2022"],
  ])("the age of %s is %s", (at, text) => {
    expect(format.age(at, new Date("2026-11-24T20:00:00Z"))).toBe(text);
  });

  test("countdowns are whole seconds, then minutes", () => {
    expect(format.wait(11.2)).toBe("12 s");
    expect(format.wait(-3)).toBe("0 s");
    expect(format.wait(600)).toBe("10 min");
  });
});

test("a row is spoken whole", () => {
  const quote = {
    symbol: "AAPL",
    name: "Apple Inc.",
    kind: "equity",
    price: 244.6,
    price_digits: 2,
    currency: "USD",
    change_percent: 1.27,
    session: "regular",
    quoted_at: "",
    received_at: "",
    source: "yahoo",
    state: "live",
  } satisfies Quote;
  expect(format.spoken(quote)).toBe("Apple Inc., AAPL, 244.60 USD, up 1.27 percent");
  expect(format.spoken({ ...quote, source: "simulated" })).toContain("simulated");
});

test.each([
  ["Apple Inc.", "Apple"],
  ["Salesforce, Inc.", "Salesforce"],
  ["Vodafone Group Public Limited Company", "Vodafone Group"],
  ["Toyota Motor Corporation", "Toyota Motor"],
  ["Siemens AG", "Siemens"],
  ["Koninklijke Philips N.V.", "Koninklijke Philips"],
  ["Tiffany & Co., Ltd.", "Tiffany"],
  ["Inc", "Inc"],
  ["S&P 500", "S&P 500"],
  ["Costco", "Costco"],
  ["", ""],
  [null, ""],
])("where room is short, %s is %s", (name, short) => expect(format.shortName(name)).toBe(short));

test("a reader in UTC is told so", () => {
  expect(format.zoneName("2026-11-24T12:00:00Z", "UTC")).toBe("UTC");
  expect(format.zoneName("2026-11-24T12:00:00Z", "America/New_York")).toBe("ET");
});

test("what a quote does not tell is unknown, not its price", () => {
  const quote = new FakePlatform().quote("AAPL");
  expect(format.quotePrice(quote)).toBe("244.60");
  expect(format.quotePrice(quote, undefined)).toBe("–");
  expect(format.quotePrice(quote, null)).toBe("–");
});

describe("in German", () => {
  beforeAll(() => speak("de"));
  afterAll(() => speak("en"));

  test("grouping and decimal sign are the reader's, sign and arrow are not", () => {
    expect(format.price(97508.97, 2)).toBe("97.508,97");
    expect(format.percent(-0.51)).toBe(`−0,51${THIN}%`);
    expect(format.large(3.67e12)).toBe(`3,67${THIN}Bio.`);
    expect(format.plainNumber(1250.5, 2)).toBe("1250,50");
  });

  test("days and ages are named", () => {
    expect(format.moment("2026-11-20T21:00:00Z", "America/New_York", now)).toBe("Fr 16:00");
    expect(format.day("2026-02-13T21:00:00Z", "America/New_York", now)).toBe("Fr 13. Feb.");
    expect(format.date("2026-02-13T21:00:00Z", "America/New_York", now)).toBe("13. Feb.");
    expect(format.day("2022-08-09T14:00:00Z", "America/New_York", now)).toBe("9. Aug. 2022");
    expect(format.age("2026-11-24T19:04:20Z", now)).toBe("vor 38 min");
  });

  test("an alert's value is what a person reads back", () => {
    expect(typed(format.plainNumber(97508.97, 2))).toBe(97508.97);
  });
});
