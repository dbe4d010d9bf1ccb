import { expect, test } from "vitest";
import { findAt, parsePlace, placeText } from "./evidence-place";

test("a place is a number and, after a colon, a pointer", () => {
  expect(parsePlace("4")).toEqual({ number: 4, path: "" });
  expect(parsePlace("4:/metrics/sharpe_ratio")).toEqual({ number: 4, path: "/metrics/sharpe_ratio" });
  expect(parsePlace("four")).toBeNull();
  expect(parsePlace("4:metrics")).toBeNull();
  expect(parsePlace(undefined)).toBeNull();
  expect(placeText(4, "/a")).toBe("4:/a");
});

test("a pointer enters records and lists and unescapes names", () => {
  const row = { folds: [{ "a/b": 1, "c~d": 2 }] };
  expect(findAt(row, "/folds/0/a~1b")).toBe(1);
  expect(findAt(row, "/folds/0/c~0d")).toBe(2);
});

test("a pointer that leads nowhere finds nothing", () => {
  expect(findAt({ a: 1 }, "/a/b")).toBeUndefined();
  expect(findAt(null, "/a")).toBeUndefined();
});
