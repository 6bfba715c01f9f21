import { expect, test } from "vitest";
import { COLUMNS, chosenColumns, fitting, gridOf, sideWidth, toggled } from "./columns";

test("where nobody chose there is the course of the day, and it can be taken away", () => {
  expect(chosenColumns({})).toEqual(["spark"]);
  expect(toggled({}, "volume")).toEqual(["price", "spark", "volume"]);
  expect(chosenColumns({ columns: toggled({}, "spark") })).toEqual([]);
  expect(chosenColumns({ columns: ["volume", "price", "spark"] })).toEqual(["spark", "volume"]);
});

test("a list is as wide as its columns need and the instrument allows", () => {
  expect([820, 1280, 1600].map((window) => sideWidth(["spark"], window))).toEqual([336, 372, 400]);
  expect(sideWidth(["spark", "volume"], 1280)).toBe(472);
  expect(sideWidth([...COLUMNS], 1280)).toBe(500);
  expect(sideWidth([...COLUMNS], 820)).toBe(336);
  expect(sideWidth([...COLUMNS], 600)).toBe(600);
});

test("only what fits is shown", () => {
  expect(fitting([...COLUMNS], 1280)).toEqual(["spark", "change", "volume"]);
  expect(fitting(["spark"], 820)).toEqual(["spark"]);
  expect(fitting(["spark"], 419)).toEqual([]);
  expect(fitting(["spark", "volume"], 420)).toEqual(["spark", "volume"]);
  expect(gridOf(["spark"])).toBe("minmax(0, 1fr) 60px minmax(76px, max-content) 78px");
});
