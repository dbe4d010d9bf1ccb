/** Lays the rows of a search over two parameters out as a grid. */

import type { Sweep, SweepRow } from "./sweep-data";

export type Side = "test" | "train";
export type Heat = {
  across: { name: string; values: readonly number[] };
  down: { name: string; values: readonly number[] };
  /** By row, then column; undefined where nothing is known yet, null where there is no figure. */
  cells: readonly (readonly (number | null | undefined)[])[];
};

/** More columns than this are a carpet that nobody reads. */
const MOST_SIDE = 40;

/** The grid of a search over exactly two parameters, or null where it would not be one that can be read. */
export function heatOf(sweep: Pick<Sweep, "values" | "method">, rows: readonly SweepRow[], side: Side): Heat | null {
  const names = Object.keys(sweep.values);
  const [left, right] = names;
  if (names.length !== 2 || left === undefined || right === undefined || sweep.method !== "grid") return null;
  const [down, across] = [axis(sweep, left), axis(sweep, right)];
  if (down.values.length > MOST_SIDE || across.values.length > MOST_SIDE) return null;
  const known = new Map(
    rows.map((row) => [`${row.parameters[left]} ${row.parameters[right]}`, row[side]?.sharpe ?? null]),
  );
  const cells = down.values.map((one) => across.values.map((other) => known.get(`${one} ${other}`)));
  return { across, down, cells };
}

function axis(sweep: Pick<Sweep, "values">, name: string) {
  return { name, values: (sweep.values[name] ?? []).toSorted((left, right) => left - right) };
}

/** The largest distance from zero, so that both sides are drawn on one scale. */
export function scaleOf(rows: readonly SweepRow[]): number {
  const figures = rows.flatMap((row) => [row.train?.sharpe ?? 0, row.test?.sharpe ?? 0]);
  return figures.reduce((most, one) => Math.max(most, Math.abs(one)), 0.01);
}
