import { expect, test } from "vitest";
import type { Bars, Series } from "../lib/contract";
import { nextWindow } from "./candle-window";
import { lengthOf, withGaps } from "./candles";

const HOUR = 3_600_000;

function bars(hours: readonly number[], level = "1h"): Bars {
  const ones = hours.map(() => 1);
  const ts = hours.map((hour) => hour * HOUR);
  const prices = { open: ones, high: ones, low: ones, close: ones, volume: ones };
  return { series_id: "s", timeframe: "1h", level, ts, ...prices, sealed_from: null };
}

const series = { start: new Date(0).toISOString(), end: new Date(10_000 * HOUR).toISOString() } as Series;

test("an outage stays a gap", () => {
  const filled = withGaps(bars([0, 1, 4]), HOUR);
  expect(filled.ts).toEqual([0, 1, 2, 3, 4].map((hour) => hour * HOUR));
  expect(filled.close).toEqual([1, 1, Number.NaN, Number.NaN, 1]);
});

test("a level without a fixed length is drawn as it is", () => {
  expect(["5m", "1h", "1d", "1w", "1M"].map(lengthOf)).toEqual([300_000, HOUR, 24 * HOUR, 168 * HOUR, 0]);
  expect(withGaps(bars([0, 9]), 0).ts).toHaveLength(2);
});

test("few coarse candles on the screen load finer ones, with a margin beside them", () => {
  const coarse = bars(
    [...Array(1_000).keys()].map((day) => day * 4),
    "4h",
  );
  const next = nextWindow(series, coarse, { from: 1_000 * HOUR, to: 1_400 * HOUR });
  expect(next).toEqual({ from: 800 * HOUR, to: 1_600 * HOUR });
});

test("nobody asks again for bars that are sealed", () => {
  const open = bars([...Array(500).keys()].map((hour) => 5_000 + hour));
  const beyond = { from: 5_300 * HOUR, to: 5_900 * HOUR };
  expect(nextWindow(series, open, beyond)).not.toBeNull();
  expect(nextWindow(series, { ...open, sealed_from: new Date(5_500 * HOUR).toISOString() }, beyond)).toBeNull();
});

test("what is loaded serves until someone moves beyond it", () => {
  const fine = bars([...Array(500).keys()].map((hour) => 5_000 + hour));
  expect(nextWindow(series, fine, { from: 5_000 * HOUR, to: 5_499 * HOUR })).toBeNull();
  expect(nextWindow(series, fine, { from: 4_900 * HOUR, to: 5_300 * HOUR })).toEqual({
    from: 4_700 * HOUR,
    to: 5_500 * HOUR,
  });
});
