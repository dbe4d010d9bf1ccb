/** What two to four runs have in common and what not: curves on one axis from 1, figures with differences, settings. */

import type { Backtest, Metric } from "../lib/contract";

export const MOST_COMPARED = 4;
/** As many as a curve's stored points fit side by side on a screen. */
export const MOST_POINTS = 1_000;

/** A, B, C, D: how the runs are called beside their names, which may be alike. */
export function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}

export function idsIn(text: string | undefined): string[] {
  const ids = (text ?? "").split(",").filter((id) => /^[0-9a-f-]{36}$/i.test(id));
  return [...new Set(ids)].slice(0, MOST_COMPARED);
}

export type Curve = { ts: readonly number[]; values: readonly number[] };

/** Every curve on all moments of all: from 1 at its own beginning, its last value until its next, nothing outside. */
export function normalised(curves: readonly Curve[]): { ts: number[]; values: (number | null)[][] } {
  const ts = thinned([...new Set(curves.flatMap((curve) => curve.ts))].sort((left, right) => left - right));
  return { ts, values: curves.map((curve) => spread(curve, ts)) };
}

/** Evenly, the first and the last among them. */
function thinned(ts: number[]): number[] {
  const step = (ts.length - 1) / (MOST_POINTS - 1);
  return step <= 1 ? ts : Array.from({ length: MOST_POINTS }, (_, index) => ts[Math.round(index * step)] ?? 0);
}

function spread({ ts, values }: Curve, axis: readonly number[]): (number | null)[] {
  const base = values[0] ?? 0;
  const [first, last] = [ts[0], ts.at(-1)];
  let place = 0;
  return axis.map((at) => {
    if (first === undefined || last === undefined || at < first || at > last || base <= 0) return null;
    while ((ts[place + 1] ?? Number.POSITIVE_INFINITY) <= at) place += 1;
    return (values[place] ?? 0) / base;
  });
}

export type FigureRow = { name: string; metrics: readonly (Metric | undefined)[]; sampling: string };

/** Every figure that any of them has, in the first one's order. */
export function figuresOf(runs: readonly Backtest[]): FigureRow[] {
  const names = [...new Set(runs.flatMap((run) => (run.metrics ?? []).map((metric) => metric.name)))];
  return names.map((name) => {
    const metrics = runs.map((run) => run.metrics?.find((metric) => metric.name === name));
    const samplings = new Set(metrics.flatMap((metric) => (metric?.sampling ? [metric.sampling] : [])));
    return { name, metrics, sampling: [...samplings].join(" / ") };
  });
}

/** How much more than the first one's; null where either is not known. */
export function difference({ metrics }: FigureRow, index: number): number | null {
  const [first, own] = [metrics[0]?.value, metrics[index]?.value];
  return index === 0 || first === null || first === undefined || own === null || own === undefined ? null : own - first;
}

export type SettingRow = { place: string; values: readonly (string | undefined)[] };

/** Settings and assumptions that are not the same in all of them. */
export function settingsThatDiffer(runs: readonly Backtest[]): SettingRow[] {
  const told = runs.map(settingsOf);
  const places = [...new Set(told.flatMap((one) => [...one.keys()]))];
  return places
    .map((place) => ({ place, values: told.map((one) => one.get(place)) }))
    .filter(({ values }) => new Set(values).size > 1);
}

function settingsOf(run: Backtest): Map<string, string> {
  const market = run.every.map((row) => `${row.symbol} ${row.timeframe}, ${row.label || row.venue}`).join("; ");
  const found = new Map<string, string>([["candles", market]]);
  flatten("", run.document, found);
  for (const [name, text] of Object.entries(run.assumptions ?? {}))
    found.set(`assumed: ${name.replaceAll("_", " ")}`, text);
  return found;
}

function flatten(place: string, value: unknown, found: Map<string, string>): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [name, each] of Object.entries(value)) flatten(`${place}/${name}`, each, found);
  } else found.set(place, typeof value === "string" ? value : JSON.stringify(value));
}
