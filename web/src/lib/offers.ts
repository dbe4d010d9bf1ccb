/** Which candles a document is about, and which venue has those of all its symbols, so that they can share one account. */

import type { Series } from "./contract";

/** What one venue has of a document's symbols, in the document's order; `missing` are those that it has not. */
export type Offer = { key: string; venue: string; series: readonly Series[]; missing: readonly string[] };

export function symbolsOf(document: Record<string, unknown> | null): readonly string[] {
  const universe = document?.universe;
  return Array.isArray(universe) ? universe.filter((symbol) => typeof symbol === "string") : [];
}

/** All of them while the document does not say. */
export function fitting(rows: readonly Series[], document: Record<string, unknown> | null): readonly Series[] {
  if (!document) return rows;
  const universe = Array.isArray(document.universe) ? document.universe : [];
  return rows.filter((row) => row.timeframe === document.timeframe && universe.includes(row.symbol));
}

/** The best first: with the fewest missing, imported before made ones, with the most bars. */
export function offersOf(rows: readonly Series[], document: Record<string, unknown> | null): readonly Offer[] {
  const symbols = symbolsOf(document);
  const groups = Map.groupBy(fitting(rows, document), (row) => `${row.venue} ${row.origin}`);
  return [...groups]
    .map(([key, group]) => {
      const series = symbols.flatMap((symbol) => longest(group.filter((row) => row.symbol === symbol)));
      const missing = symbols.filter((symbol) => !series.some((row) => row.symbol === symbol));
      return { key, venue: group[0]?.venue ?? "", series, missing };
    })
    .sort((left, right) => rank(left) - rank(right) || barsOf(right) - barsOf(left));
}

function longest(rows: readonly Series[]): readonly Series[] {
  return [...rows].sort((left, right) => right.bars - left.bars).slice(0, 1);
}

function rank({ series, missing }: Offer): number {
  return missing.length * 2 + (series[0]?.origin === "imported" ? 0 : 1);
}

function barsOf({ series }: Offer): number {
  return series.reduce((sum, row) => sum + row.bars, 0);
}

/** From the first bar of any to the last of any. */
export function extentOf(series: readonly Series[]): { start: string | null; end: string | null } {
  const starts = series.flatMap((row) => row.start ?? []).sort();
  const ends = series.flatMap((row) => row.end ?? []).sort();
  return { start: starts[0] ?? null, end: ends.at(-1) ?? null };
}
