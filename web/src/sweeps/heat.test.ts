import { expect, test } from "vitest";
import { heatOf, scaleOf } from "./heat";
import type { SweepRow } from "./sweep-data";

function row(fast: number, slow: number, train: number | null, test_: number | null): SweepRow {
  const side = (sharpe: number | null) => ({ sharpe, total_return: 0, max_drawdown: 0, closed_positions: 1 });
  return { parameters: { fast, slow }, train: side(train), test: side(test_), refused: "" };
}

const values = { fast: [20, 10], slow: [50, 100] };

test("each combination stands where its values cross, in rising order", () => {
  const rows = [row(10, 50, 1, 2), row(20, 100, 3, null)];
  const heat = heatOf({ values, method: "grid" }, rows, "test");
  expect(heat?.down).toEqual({ name: "fast", values: [10, 20] });
  expect(heat?.cells).toEqual([
    [2, undefined],
    [undefined, null],
  ]);
  expect(heatOf({ values, method: "grid" }, rows, "train")?.cells[1]?.[1]).toBe(3);
});

test("what is no readable grid is no heat map", () => {
  expect(heatOf({ values: { fast: [1] }, method: "grid" }, [], "test")).toBeNull();
  expect(heatOf({ values, method: "optuna" }, [], "test")).toBeNull();
  const wide = { fast: [...Array(41).keys()], slow: [1, 2] };
  expect(heatOf({ values: wide, method: "grid" }, [], "test")).toBeNull();
});

test("both sides share one scale", () => {
  expect(scaleOf([row(10, 50, -4, 2), row(20, 50, null, 1)])).toBe(4);
  expect(scaleOf([])).toBe(0.01);
});
