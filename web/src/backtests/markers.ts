/** Entries and exits of a run on the candles that are loaded: at most one arrow a candle and side, however many fell in it. */

import type { ClosedAnswer, OpenAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { type ChartMarker, placeOf } from "../ui/chart-model";

/** With more arrows than this, words beside them would cover each other. */
const MOST_WORDS = 40;

/** More arrows than this cover the candles that they are about. */
export const MOST_ARROWS = 300;

type Fill = { ts: number; side: "buy" | "sell"; word: string };

/** `ts` are the openings of the candles, which may be longer than the run's bars. */
export function markersOf(
  closed: readonly ClosedAnswer[],
  open: OpenAnswer | null | undefined,
  ts: readonly number[],
  step: number,
): ChartMarker[] {
  const [first, last] = [ts[0], ts.at(-1)];
  if (first === undefined || last === undefined) return [];
  const fills = [...closed.flatMap(fillsOf), ...(open ? [entryOf(open)] : [])];
  const groups = new Map<string, { marker: ChartMarker; count: number }>();
  for (const { ts: at, side, word } of fills) {
    if (at < first || at >= last + step) continue;
    const candle = ts[placeOf(ts, at)] ?? first;
    const found = groups.get(`${candle} ${side}`);
    if (found) found.count += 1;
    else groups.set(`${candle} ${side}`, { marker: { ts: candle, side, text: word }, count: 1 });
  }
  const isWordy = groups.size <= MOST_WORDS;
  return [...groups.values()]
    .map(({ marker, count }) => ({ ...marker, text: textOf(marker.text, count, isWordy) }))
    .sort((left, right) => left.ts - right.ts);
}

function textOf(word: string, count: number, isWordy: boolean): string {
  if (count > 1) return isWordy ? `${count} ×` : "";
  return isWordy ? word : "";
}

function fillsOf(row: ClosedAnswer): Fill[] {
  const exit = row.side === "long" ? ("sell" as const) : ("buy" as const);
  return [entryOf(row), { ts: row.closed, side: exit, word: t("exit") }];
}

function entryOf({ opened, side }: Pick<ClosedAnswer, "opened" | "side">): Fill {
  return side === "long"
    ? { ts: opened, side: "buy", word: t("long") }
    : { ts: opened, side: "sell", word: t("short") };
}

/** The longest of the ranges, longest first, whose arrows still leave the candles to be seen. */
export function rangeFor<Name>(
  closed: readonly ClosedAnswer[],
  ranges: readonly { name: Name; from: number }[],
): Name | undefined {
  const fits = ({ from }: { from: number }) => closed.filter((row) => row.closed >= from).length * 2 <= MOST_ARROWS;
  return (ranges.find(fits) ?? ranges.at(-1))?.name;
}
