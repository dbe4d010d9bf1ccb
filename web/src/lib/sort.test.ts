import { expect, test } from "vitest";
import { sortRows } from "./sort";

test("decimals are sorted by size, unknown ones stay last in both directions", () => {
  const rows = ["9", "10", null, "-2.5"];
  expect(sortRows(rows, (row) => row, false)).toEqual(["-2.5", "9", "10", null]);
  expect(sortRows(rows, (row) => row, true)).toEqual(["10", "9", "-2.5", null]);
});

test("equal rows keep their order", () => {
  const rows = [
    { name: "b", at: 1 },
    { name: "a", at: 1 },
  ];
  expect(sortRows(rows, (row) => row.at, true).map((row) => row.name)).toEqual(["b", "a"]);
});
