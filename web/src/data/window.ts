/** Which part of a series the chart loads: a range by name at first, then what someone zooms or pans to. */

import type { Bars, Series } from "../lib/contract";
import type { ChartRange } from "../ui/chart-model";

export const RANGES = ["1D", "1W", "1M", "3M", "1Y", "All"] as const;
export type RangeName = (typeof RANGES)[number];

const DAY_MS = 86_400_000;
const DAYS: Record<RangeName, number> = { "1D": 1, "1W": 7, "1M": 31, "3M": 92, "1Y": 366, All: 0 };
/** Fewer candles than this on the screen, and finer ones exist: load those. */
const FEW_CANDLES = 250;

export function rangeName(text: string | undefined): RangeName {
  return RANGES.find((name) => name === text) ?? "3M";
}

/** The named range at the series' end; null loads everything. */
export function spanOf(series: Series, name: RangeName): ChartRange | null {
  const days = DAYS[name];
  if (days === 0 || series.end === null) return null;
  const to = Date.parse(series.end);
  return { from: to - days * DAY_MS, to };
}

/** What to load next for what is seen now, or null when what is loaded serves. */
export function nextWindow(series: Series, bars: Bars, seen: ChartRange): ChartRange | null {
  const [first, last] = [bars.ts[0], bars.ts.at(-1)];
  if (first === undefined || last === undefined || series.start === null || series.end === null) return null;
  const width = seen.to - seen.from;
  const candles = bars.ts.filter((at) => at >= seen.from && at <= seen.to).length;
  const tooCoarse = bars.level !== bars.timeframe && candles < FEW_CANDLES;
  const step = bars.ts.length > 1 ? (last - first) / (bars.ts.length - 1) : 0;
  const moreLeft = seen.from <= first + step && Date.parse(series.start) < first;
  const moreRight = seen.to >= last - step && Date.parse(series.end) - step * 2 > last;
  if (!tooCoarse && !moreLeft && !moreRight) return null;
  return {
    from: Math.max(seen.from - width, Date.parse(series.start)),
    to: Math.min(seen.to + width, Date.parse(series.end)),
  };
}
