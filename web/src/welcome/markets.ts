/** Which of the loaded series suits a first question, and the question itself. */

import type { OmcLedgersMessagesSeriesAnswer as Series } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";

export type Market = { value: string; label: string; symbol: string; timeframe: string; note: string };

/** Enough bars to compute on and to leave some for the check. */
const ENOUGH_BARS = 500;

/** Real data first, hourly first, then the longest. */
export function marketsOf(series: readonly Series[]): Market[] {
  return series
    .filter((row) => row.bars >= ENOUGH_BARS)
    .toSorted((left, right) => rank(right) - rank(left) || right.bars - left.bars)
    .map((row) => ({
      value: row.id,
      label: `${row.symbol} · ${row.timeframe} · ${row.venue}`,
      symbol: row.symbol,
      timeframe: row.timeframe,
      note: note(row),
    }));
}

export function proposeGoal(market: Market): string {
  const base = market.symbol.split("/")[0] ?? market.symbol;
  return t("Does a moving-average crossover beat holding {asset} on {bars} bars?", {
    asset: base,
    bars: market.timeframe === "1h" ? t("hourly") : market.timeframe,
  });
}

function rank(row: Series): number {
  const real = row.origin === "imported" ? 4 : 0;
  const hourly = row.timeframe === "1h" ? 2 : 0;
  return real + hourly + (row.symbol.startsWith("BTC/") ? 1 : 0);
}

function note(row: Series): string {
  const bars = t("{count} bars", { count: formatNumber(row.bars) });
  return row.origin === "synthetic" ? t("{bars}, SYNTHETIC: made by a generator", { bars }) : bars;
}
