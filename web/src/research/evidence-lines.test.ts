import { expect, test } from "vitest";
import { COUNT, csvOf } from "../ui/chart-model";
import { countedBy, seriesOf } from "./evidence-lines";

test("an oscillator gets a pane of its own beside a price, an average does not", () => {
  const lines = [
    { name: "close", values: [60_000, 61_000] },
    { name: "average", values: [null, 60_500] },
    { name: "strength", values: [30, 70] },
  ];
  const drawn = seriesOf({ axis: "time", at: [0, 3_600_000], unit: "USDT", lines });
  expect(drawn.map((line) => line.pane)).toEqual([0, 0, 1]);
});

test("what is held against a curve is quiet, and no two curves are alike", () => {
  const names = ["mean after events", "lower bound", "upper bound", "mean of all bars"];
  const lines = names.map((name) => ({ name, values: [1] }));
  const drawn = seriesOf({ axis: "bars", at: [0], unit: "%", lines });
  expect(drawn.map((line) => "tone" in line && line.tone)).toEqual(["accent", "quiet", "quiet", "second"]);
});

test("bars from an event stay numbers in the rows", () => {
  const chart = { axis: "bars" as const, at: [-1, 0, 1], unit: "%", lines: [{ name: "mean", values: [-0.5, 0, 2] }] };
  const series = seriesOf(chart);
  expect(series[0]?.ts).toEqual([-COUNT, 0, COUNT]);
  const { header, rows } = csvOf(series, countedBy("bars"));
  expect(header).toEqual(["Bars from the event", "mean"]);
  expect(rows).toEqual([
    [-1, -0.5],
    [0, 0],
    [1, 2],
  ]);
});
