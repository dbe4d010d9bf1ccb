/** Months and arrows of a result. */

import { expect, test } from "vitest";
import { MOST_ARROWS, markersOf, rangeFor } from "./markers";
import { yearsOf } from "./months";

const closed = (opened: number, until: number, side: "long" | "short" = "long") =>
  ({ opened, closed: until, side, quantity: 1, entry: 1, exit: 1, pnl: 0, fee: 0 }) as never;

test("months fill their years, and chain to the whole return", () => {
  const months = [
    { year: 2023, month: 11, equity: 0.1, hold: 0.5 },
    { year: 2023, month: 12, equity: -0.1, hold: 0 },
    { year: 2024, month: 3, equity: 1 / 3, hold: -0.5 },
  ];
  const years = yearsOf(months, "equity");
  expect(years.map((row) => row.year)).toEqual([2023, 2024]);
  expect(years[0]?.months.slice(9)).toEqual([null, 0.1, -0.1]);
  expect(years[1]?.months[1]).toBeNull();
  expect(years.reduce((product, row) => product * (1 + row.whole), 1)).toBeCloseTo(1.32, 12);
  expect(yearsOf(months, "hold")[1]?.whole).toBe(-0.5);
  expect(yearsOf([], "equity")).toEqual([]);
});

test("an arrow stands on the candle that holds its moment, one a side", () => {
  const ts = [0, 100, 200];
  const found = markersOf([closed(110, 130), closed(150, 250), closed(205, 290, "short")], null, ts, 100);
  expect(found.map((one) => [one.ts, one.side, one.text])).toEqual([
    [100, "buy", "2 ×"],
    [100, "sell", "exit"],
    [200, "sell", "2 ×"],
    [200, "buy", "exit"],
  ]);
});

test("what is outside of the loaded candles has no arrow, an open position has its entry", () => {
  expect(markersOf([closed(-50, 320)], { opened: 20, side: "short" } as never, [0, 100, 200], 100)).toEqual([
    { ts: 0, side: "sell", text: "short" },
  ]);
  expect(markersOf([closed(1, 2)], null, [], 100)).toEqual([]);
});

test("many arrows have no words", () => {
  const ts = Array.from({ length: 100 }, (_, index) => index);
  const found = markersOf(
    ts.slice(0, 99).map((index) => closed(index, index + 1)),
    null,
    ts,
    1,
  );
  expect(found.length).toBeGreaterThan(100);
  expect(new Set(found.map((one) => one.text))).toEqual(new Set([""]));
});

test("the first range is the longest that the arrows leave to be seen", () => {
  const rows = Array.from({ length: MOST_ARROWS }, (_, index) => closed(index, index + 1));
  const ranges = [
    { name: "all", from: 0 },
    { name: "half", from: MOST_ARROWS / 2 + 1 },
    { name: "few", from: MOST_ARROWS - 1 },
  ];
  expect(rangeFor(rows, ranges)).toBe("half");
  expect(rangeFor(rows.slice(0, 9), ranges)).toBe("all");
  expect(rangeFor(rows, ranges.slice(0, 1))).toBe("all");
});
