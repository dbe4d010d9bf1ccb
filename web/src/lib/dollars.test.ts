import { expect, test } from "vitest";
import { typedDollars } from "./dollars";

test.each([
  ["25", "25"],
  [" $ 25.50 ", "25.50"],
  [".5", "0.5"],
  ["1,250", "1250"],
  ["0.000000000001", "0.000000000001"],
])("%j is %s, to the last digit", (typed, meant) => {
  expect(typedDollars(typed)).toBe(meant);
});

test("nothing typed is no limit", () => {
  expect(typedDollars("  ")).toBeNull();
});

test.each(["-1", "ten", "1e3", "1.2.3", "$"])("%j is not an amount", (typed) => {
  expect(typedDollars(typed)).toBe(typed === "$" ? null : undefined);
});
