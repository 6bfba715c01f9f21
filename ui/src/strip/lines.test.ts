import { expect, test } from "vitest";
import { lines } from "./lines";

test("what stands at the same height is a line", () => {
  expect(lines([0, 0, 0, 36, 36, 72])).toEqual([
    [0, 2],
    [3, 4],
    [5, 5],
  ]);
  expect(lines([])).toEqual([]);
});
