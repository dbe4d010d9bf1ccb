/** Which candles a run shall read: of one symbol, or of all that share an account. */

import { useState } from "react";
import type { Series } from "../lib/contract";
import { extentOf, fitting, type Offer, offersOf, symbolsOf } from "../lib/offers";

export type Candles = {
  /** All that the document is about. */
  rows: readonly Series[];
  /** The document names several symbols. */
  isSeveral: boolean;
  isShared: boolean;
  share: (isShared: boolean) => void;
  offers: readonly Offer[];
  offer: Offer | undefined;
  choose: (id: string | null) => void;
  /** What would be read; empty while nothing is chosen. */
  series: readonly Series[];
  isReady: boolean;
  extent: { start: string | null; end: string | null };
};

/** `isAlone`: of one symbol also where the document names several. */
export function useCandles(
  all: readonly Series[],
  document: Record<string, unknown> | null,
  { isAlone = false } = {},
): Candles {
  const [wantsAll, share] = useState(true);
  const [chosen, choose] = useState<string | null>(null);
  const rows = fitting(all, document);
  const isSeveral = !isAlone && symbolsOf(document).length > 1;
  const isShared = isSeveral && wantsAll;
  const offers = isShared ? offersOf(rows, document) : [];
  const offer = offers.find((one) => one.key === chosen) ?? offers[0];
  const series = isShared ? (offer?.series ?? []) : oneOf(rows, chosen);
  const isReady = series.length > 0 && (!offer || offer.missing.length === 0);
  return { rows, isSeveral, isShared, share, offers, offer, choose, series, isReady, extent: extentOf(series) };
}

function oneOf(rows: readonly Series[], chosen: string | null): readonly Series[] {
  return rows.length === 1 ? rows : rows.filter((row) => row.id === chosen);
}

/** As the API takes them. */
export function idsOf(series: readonly Series[]): { series_id: string | null } | { series_ids: string[] } {
  const ids = series.map((row) => row.id);
  return ids.length > 1 ? { series_ids: ids } : { series_id: ids[0] ?? null };
}
