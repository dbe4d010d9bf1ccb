/** Which part of a series the chart loads: a range by name at first, then what someone zooms or pans to. */

import type { Bars, Series } from "../lib/contract";
import type { ChartRange } from "./chart-model";

export const RANGES = ["1D", "1W", "1M", "3M", "1Y", "All"] as const;
export type RangeName = (typeof RANGES)[number];

const DAY_MS = 86_400_000;
const DAYS: Record<RangeName, number> = { "1D": 1, "1W": 7, "1M": 31, "3M": 92, "1Y": 366, All: 0 };
/** Fewer candles than this on the screen, and finer ones exist: load those. */
const FEW_CANDLES = 250;
/** Moved this far beyond what is loaded, someone wants to see more. */
const EDGE_CANDLES = 3;

export function rangeName(text: string | undefined): RangeName {
  return RANGES.find((name) => name === text) ?? "3M";
}

/** The named range at the series' end; null loads everything. */
export function spanOf(series: Pick<Series, "end">, name: RangeName): ChartRange | null {
  const days = DAYS[name];
  if (days === 0 || series.end === null) return null;
  const to = Date.parse(series.end);
  return { from: to - days * DAY_MS, to };
}

/** What to load next for what is seen now, or null when what is loaded serves. */
export function nextWindow(series: Pick<Series, "start" | "end">, bars: Bars, seen: ChartRange): ChartRange | null {
  const [first, last] = [bars.ts[0], bars.ts.at(-1)];
  if (first === undefined || last === undefined || series.start === null || series.end === null) return null;
  const [begin, end] = [Date.parse(series.start), Date.parse(bars.sealed_from ?? series.end)];
  const slack = ((last - first) / bars.ts.length) * EDGE_CANDLES;
  const tooCoarse = bars.level !== bars.timeframe && countIn(bars, seen) < FEW_CANDLES;
  const moreLeft = seen.from < first - slack && begin < first;
  const moreRight = seen.to > last + slack && end - slack > last;
  if (!tooCoarse && !moreLeft && !moreRight) return null;
  const margin = (seen.to - seen.from) / 2;
  return { from: Math.max(seen.from - margin, begin), to: Math.min(seen.to + margin, end) };
}

function countIn(bars: Bars, seen: ChartRange): number {
  return bars.ts.filter((at) => at >= seen.from && at <= seen.to).length;
}
