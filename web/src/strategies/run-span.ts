/** Which candles a document is about, and the days that someone chose, as the API takes them. */

import type { Series } from "../lib/contract";

const DAY_MS = 86_400_000;

/** All of them while the document does not say. */
export function fitting(rows: readonly Series[], document: Record<string, unknown> | null): readonly Series[] {
  if (!document) return rows;
  const universe = Array.isArray(document.universe) ? document.universe : [];
  return rows.filter((row) => row.timeframe === document.timeframe && universe.includes(row.symbol));
}

/** Days as a date field gives them, the last one included; the API's end is not. */
export function spanOf({ first, last }: { first: string; last: string }): { start?: string; end?: string } {
  return {
    ...(first ? { start: `${first}T00:00:00Z` } : {}),
    ...(last ? { end: new Date(Date.parse(`${last}T00:00:00Z`) + DAY_MS).toISOString() } : {}),
  };
}

/** The last moment before an end that is not included. */
export function lastDayOf(end: string): number {
  return Date.parse(end) - 1;
}
