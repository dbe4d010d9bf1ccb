/** Returns by calendar month (UTC) out of a curve of values, and by year: chained, they are the curve's whole return. */

export type Year = {
  year: number;
  /** January first; null where the curve has no point. */
  months: readonly (number | null)[];
  whole: number;
};

/** Each month from the last value before it (or the curve's first) to its own last value. */
export function yearsOf(ts: readonly number[], values: readonly number[]): Year[] {
  const years = new Map<number, { months: (number | null)[]; start: number; end: number }>();
  let [before, base] = [values[0] ?? 0, values[0] ?? 0];
  for (const [index, at] of ts.entries()) {
    const value = values[index] ?? before;
    const date = new Date(at);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    const row = years.get(year) ?? { months: Array<number | null>(12).fill(null), start: before, end: before };
    if (row.months[month] === null) base = before;
    row.months[month] = returned(base, value);
    row.end = value;
    years.set(year, row);
    before = value;
  }
  return [...years].map(([year, row]) => ({ year, months: row.months, whole: returned(row.start, row.end) ?? 0 }));
}

/** How far apart the points are at most, in days: a month's end is read that exactly. */
export function coarsenessOf(ts: readonly number[]): number {
  let most = 0;
  for (let index = 1; index < ts.length; index += 1) most = Math.max(most, (ts[index] ?? 0) - (ts[index - 1] ?? 0));
  return most / 86_400_000;
}

function returned(from: number, to: number): number | null {
  return from > 0 ? to / from - 1 : null;
}
