import { expect, test } from "vitest";
import { lastOfEach, parseQuestion, questionText } from "./pnl-data";

test("a question names a figure and, where it is narrower, of what", () => {
  expect(parseQuestion("net", {})).toEqual({ figure: "net" });
  expect(parseQuestion("fees:asset:BTC", { strategy: "Cross" })).toEqual({
    figure: "fees",
    strategy: "Cross",
    asset: "BTC",
  });
  expect(parseQuestion(questionText("net", { strategy: "A: the first" }), {})).toEqual({
    figure: "net",
    strategy: "A: the first",
  });
});

test("what is no figure is no question", () => {
  expect(parseQuestion("profit", {})).toBeNull();
  expect(parseQuestion(undefined, {})).toBeNull();
});

test("of points at one instant the last one counts", () => {
  expect(lastOfEach(["a", "a", "b", "c", "c", "c"])).toEqual([1, 2, 5]);
  expect(lastOfEach([])).toEqual([]);
});
