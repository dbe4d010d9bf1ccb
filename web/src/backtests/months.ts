/** Returns by calendar month (UTC) as rows of a year: chained, they are the whole return. */

import type { MonthAnswer } from "../api/generated/types.gen";

export type Year = {
  year: number;
  /** January first; null where the run has no bar. */
  months: readonly (number | null)[];
  whole: number;
};

export type Whose = "equity" | "hold";

export function yearsOf(months: readonly MonthAnswer[], whose: Whose): Year[] {
  const years = new Map<number, { months: (number | null)[]; growth: number }>();
  for (const one of months) {
    const row = years.get(one.year) ?? { months: Array<number | null>(12).fill(null), growth: 1 };
    row.months[one.month - 1] = one[whose];
    row.growth *= 1 + one[whose];
    years.set(one.year, row);
  }
  return [...years].map(([year, row]) => ({ year, months: row.months, whole: row.growth - 1 }));
}
