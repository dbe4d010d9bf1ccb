import { expect, test } from "vitest";
import type { Series } from "../lib/contract";
import { coverageOf, shareText, wholeSpan } from "./coverage-strip";

const series = (parts: Partial<Series>): Series =>
  ({ bars: 0, missing: 0, start: null, end: null, ...parts }) as Series;

test("one missing bar in a million is not complete", () => {
  expect(shareText(series({ bars: 999_999, missing: 1 }))).toBe("over 99.99 %");
  expect(shareText(series({ bars: 3, missing: 1 }))).toBe("75.00 %");
  expect(shareText(series({ bars: 4 }))).toBe("100.00 %");
});

test("a series without bars has no share", () => {
  expect(coverageOf(series({}))).toBeNull();
});

test("the common axis spans all series that have bars", () => {
  const rows = [
    series({ start: "2023-01-01T00:00:00Z", end: "2024-01-01T00:00:00Z" }),
    series({}),
    series({ start: "2022-06-01T00:00:00Z", end: "2023-06-01T00:00:00Z" }),
  ];
  expect(wholeSpan(rows)).toEqual({ from: Date.UTC(2022, 5, 1), to: Date.UTC(2024, 0, 1) });
  expect(wholeSpan([series({})])).toBeNull();
});
