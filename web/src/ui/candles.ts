/** Turns bars as the API sends them into what the chart draws: outages stay gaps. */

import type { Bars, Series } from "../lib/contract";
import { formatCompact, formatPrice } from "../lib/format";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { Candles, ChartSeries } from "./chart-model";

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** More empty places than this would squeeze the candles out of sight. */
const MAX_EMPTY = 3_000;

/** A timeframe's length, or 0 where it has no fixed one (a month). */
export function lengthOf(timeframe: string): number {
  const found = /^(\d+)([smhdw])$/.exec(timeframe);
  return found ? Number(found[1]) * (UNIT_MS[found[2] ?? ""] ?? 0) : 0;
}

type Columns = Pick<Bars, "ts" | "open" | "high" | "low" | "close" | "volume">;

/** The same columns with a place of NaN for each bar that is missing. */
export function withGaps(bars: Columns, step: number): Columns {
  const empty = step > 0 ? countEmpty(bars.ts, step) : 0;
  if (empty === 0 || empty > MAX_EMPTY) return bars;
  const filled: Columns = { ts: [], open: [], high: [], low: [], close: [], volume: [] };
  for (const [index, at] of bars.ts.entries()) {
    const before = filled.ts.at(-1);
    for (let hole = (before ?? at) + step; before !== undefined && hole < at; hole += step) push(filled, hole, null);
    push(filled, at, { bars, index });
  }
  return filled;
}

function countEmpty(ts: readonly number[], step: number): number {
  const first = ts[0];
  const last = ts.at(-1);
  return first === undefined || last === undefined ? 0 : Math.round((last - first) / step) + 1 - ts.length;
}

function push(columns: Columns, at: number, source: { bars: Columns; index: number } | null): void {
  columns.ts.push(at);
  for (const name of ["open", "high", "low", "close", "volume"] as const) {
    columns[name].push(source ? (source.bars[name][source.index] ?? Number.NaN) : Number.NaN);
  }
}

export function chartOf(bars: Bars): ChartSeries[] {
  const columns = withGaps(bars, lengthOf(bars.level));
  const price: Candles = { id: "price", title: t("Price"), kind: "candles", ...columns, format: formatPrice };
  const { ts, volume } = columns;
  return [
    price,
    { id: "volume", title: t("Volume"), kind: "histogram", ts, values: volume, tone: "volume", format: formatCompact },
  ];
}

/** Where the chart ends early, and why; nothing where it does not. */
export function sealedNote({ sealed_from: from }: Bars): string {
  return from ? ` ${t("Bars from {from} on are sealed for an exam.", { from: formatTime(from) })}` : "";
}

/** The gist for those who cannot see the chart. */
export function summaryOf(series: Series, bars: Bars): string {
  const [first, last] = [bars.ts[0], bars.ts.at(-1)];
  return t(
    "{symbol} candles of {level}, from {from} to {to}: first {open}, last {close}, lowest {low}, highest {high}.",
    {
      symbol: series.symbol,
      level: bars.level,
      from: formatTime(first),
      to: formatTime(last),
      open: formatPrice(bars.open[0]),
      close: formatPrice(bars.close.at(-1)),
      low: formatPrice(extreme(bars.low, Math.min)),
      high: formatPrice(extreme(bars.high, Math.max)),
    },
  );
}

function extreme(values: readonly number[], choose: (left: number, right: number) => number): number | null {
  return values.length > 0 ? values.reduce((left, right) => choose(left, right)) : null;
}
