/** Runs of several symbols on one account: what each symbol did, and how the run is called beside runs of one. */

import type { Backtest } from "../lib/contract";

/** Names beyond these would push everything else aside. */
const MOST_NAMES = 3;

export function isShared({ others }: Pick<Backtest, "others">): boolean {
  return (others?.length ?? 0) > 0;
}

/** `BTC/USDT, ETH/USDT, SOL/USDT +2` */
export function namesOf(symbols: readonly string[]): string {
  const left = symbols.length - MOST_NAMES;
  return left > 0 ? `${symbols.slice(0, MOST_NAMES).join(", ")} +${left}` : symbols.join(", ");
}

/** The symbols and the bar length of a run. */
export function marketOf({ every, series }: Pick<Backtest, "every" | "series">): string {
  return `${namesOf(every.map((row) => row.symbol))} · ${series.timeframe}`;
}

/** The run as one symbol of it went through it: its candles, its positions, what of it is still held. */
export function ofSymbol(backtest: Backtest, symbol: string): Backtest {
  const row = backtest.symbols?.find((one) => one.symbol === symbol);
  const series = backtest.every.find((one) => one.symbol === symbol);
  return {
    ...backtest,
    series_id: series?.id ?? backtest.series_id,
    series: series ?? backtest.series,
    closed: (backtest.closed ?? []).filter((one) => one.symbol === symbol),
    closed_count: row?.closed_count ?? 0,
    open: row?.open ?? null,
    pending: row?.pending ?? null,
  };
}
