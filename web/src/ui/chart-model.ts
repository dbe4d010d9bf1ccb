/** What a chart shows, as plain columns, and what it says about one moment: the same for drawing, legend, table and CSV. */

import type { Cell } from "../lib/csv";
import { formatNumber, formatPrice } from "../lib/format";
import { t } from "../lib/message";
import { formatTime, formatUtc } from "../lib/time";

/** `second` and `third` tell curves of one kind apart: they mean neither gain nor loss. */
export type ChartTone = "accent" | "quiet" | "gain" | "loss" | "volume" | "second" | "third";

type Common = {
  id: string;
  title: string;
  /** Milliseconds, rising, no two alike; on an axis that counts, `COUNT` for each. */
  ts: readonly number[];
  /** 0 is the uppermost. */
  pane?: 0 | 1 | 2;
  format?: (value: number) => string;
};
export type Candles = Common & {
  kind: "candles";
  /** NaN where nothing was traded or collected: the gap stays a gap. */
  open: readonly number[];
  high: readonly number[];
  low: readonly number[];
  close: readonly number[];
};
export type Values = Common & {
  kind: "histogram" | "line" | "area";
  values: readonly (number | null)[];
  tone: ChartTone;
  dashed?: boolean;
};
export type ChartSeries = Candles | Values;
export type ChartMarker = { ts: number; side: "buy" | "sell"; text: string };
/** Milliseconds. */
export type ChartRange = { from: number; to: number };

export type ReadingItem = { id: string; title: string; text: string; tone: ChartTone | "up" | "down" | "text" };
export type Reading = { time: string; items: ReadingItem[] };

/** What one step of an axis that counts, bars after an event for one, is in a series' `ts`. */
export const COUNT = 1_000;

/** A place on the axis in words; `counted` says what is counted, where it is not time. */
export function placeWords(at: number, counted: string | undefined): string {
  return counted === undefined ? formatTime(at) : formatNumber(at / COUNT);
}

/** The first series gives the axis. */
export function axisOf(series: readonly ChartSeries[]): readonly number[] {
  return series[0]?.ts ?? [];
}

export function readAt(series: readonly ChartSeries[], at: number, counted?: string): Reading {
  const time = counted === undefined ? formatTime(at) : `${counted}: ${placeWords(at, counted)}`;
  return { time, items: series.flatMap((row) => readOne(row, indexOf(row.ts, at))) };
}

function readOne(row: ChartSeries, index: number): ReadingItem[] {
  const show = row.format ?? formatPrice;
  if (row.kind !== "candles") {
    const value = index < 0 ? null : row.values[index];
    return [{ id: row.id, title: row.title, text: isKnown(value) ? show(value) : "–", tone: row.tone }];
  }
  const [open, high, low, close] = [row.open[index], row.high[index], row.low[index], row.close[index]];
  if (!(isKnown(open) && isKnown(high) && isKnown(low) && isKnown(close))) {
    return [{ id: `${row.id}-none`, title: "", text: t("no data"), tone: "text" }];
  }
  const text = "text" as const;
  return [
    { id: `${row.id}-o`, title: t("O"), text: show(open), tone: text },
    { id: `${row.id}-h`, title: t("H"), text: show(high), tone: text },
    { id: `${row.id}-l`, title: t("L"), text: show(low), tone: text },
    { id: `${row.id}-c`, title: t("C"), text: show(close), tone: text },
    change(row.id, open, close),
  ];
}

export function isKnown(value: number | null | undefined): value is number {
  return typeof value === "number" && !Number.isNaN(value);
}

function change(id: string, open: number, close: number): ReadingItem {
  const percent = open === 0 ? 0 : (close / open - 1) * 100;
  const arrow = percent > 0 ? "▲" : percent < 0 ? "▼" : "";
  const tone = percent > 0 ? "up" : percent < 0 ? "down" : "text";
  return {
    id: `${id}-change`,
    title: "",
    text: `${arrow} ${formatNumber(percent, { digits: 2, signed: true })} %`.trim(),
    tone,
  };
}

/** The place of a moment in a rising column, or -1. */
export function indexOf(ts: readonly number[], at: number): number {
  const place = placeOf(ts, at);
  return ts[place] === at ? place : -1;
}

/** The last place whose moment is not after `at`. */
export function placeOf(ts: readonly number[], at: number): number {
  let low = 0;
  let high = ts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

export type ChartRow = { ts: number; cells: Cell[] };

/** The table and the CSV: one row a moment, one column a value. */
export function tableOf(series: readonly ChartSeries[]): { header: string[]; rows: ChartRow[] } {
  const header = series.flatMap((row) =>
    row.kind === "candles" ? [t("Open"), t("High"), t("Low"), t("Close")] : [row.title],
  );
  const rows = axisOf(series).map((at) => ({
    ts: at,
    cells: series.flatMap((row) => cellsOf(row, indexOf(row.ts, at))),
  }));
  return { header, rows: rows.filter((row) => row.cells.some((cell) => cell !== null)) };
}

function cellsOf(row: ChartSeries, index: number): Cell[] {
  const values =
    row.kind === "candles" ? [row.open[index], row.high[index], row.low[index], row.close[index]] : [row.values[index]];
  return values.map((value) => (isKnown(value) ? value : null));
}

export function csvOf(series: readonly ChartSeries[], counted?: string): { header: string[]; rows: Cell[][] } {
  const table = tableOf(series);
  const place = (at: number) => (counted === undefined ? formatUtc(at) : at / COUNT);
  return {
    header: [counted ?? t("time (UTC)"), ...table.header],
    rows: table.rows.map((row) => [place(row.ts), ...row.cells]),
  };
}
