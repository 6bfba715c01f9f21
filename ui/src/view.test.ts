import { beforeEach, expect, test, vi } from "vitest";
import { remember, remembered } from "./view";

beforeEach(() => localStorage.clear());

test("what was looked at is there again", () => {
  expect(remembered()).toEqual({});
  remember({ list: "Europe", symbol: "VOD.L" });
  expect(remembered()).toEqual({ list: "Europe", symbol: "VOD.L" });
  remember({ list: "default", symbol: null });
  expect(remembered()).toEqual({ list: "default" });
});

test("what cannot be read, or kept, is nothing", () => {
  for (const kept of ["{", "null", '{"list":1,"symbol":[]}']) {
    localStorage.setItem("view", kept);
    expect(remembered()).toEqual({});
  }
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  remember({ list: "default", symbol: "AAPL" });
});
