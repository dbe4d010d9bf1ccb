/** A bake-off in words: its state, its intervals, and who may be called best. */

import type { BakeoffResult, BakeoffShort, BakeoffState, Measured } from "../lib/bakeoffs";
import { formatCost, formatDuration, formatNumber, formatPercent, UNKNOWN } from "../lib/format";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";

export const LEAST_REPEATS = 3;
export const MOST_REPEATS = 20;
export const MOST_ENTRIES = 6;

export function stateWords(state: BakeoffState): { text: string; tone: Tone } {
  switch (state) {
    case "running":
      return { text: t("Running"), tone: "accent" };
    case "done":
      return { text: t("Done"), tone: "good" };
    case "cancelled":
      return { text: t("Cancelled"), tone: "quiet" };
  }
}

export function progressWords(row: Pick<BakeoffShort, "ended" | "runs_total">): string {
  return t("{done} of {total} runs", { done: row.ended, total: row.runs_total });
}

export type Unit = "share" | "seconds" | "dollars" | "count";

/** 91 % (83–96 %): the middle and where it lies with 95 %. */
export function measuredText(measured: Measured, unit: Unit): string {
  if (!measured) return UNKNOWN;
  const { value, low, high } = measured;
  const middle = write(value, unit);
  return low === null || high === null
    ? middle
    : t("{value} ({low} to {high})", { value: middle, low: write(low, unit), high: write(high, unit) });
}

function write(value: string | number, unit: Unit): string {
  switch (unit) {
    case "share":
      return formatPercent(value, { digits: 0 });
    case "seconds":
      return formatDuration(Number(value) * 1_000);
    case "dollars":
      return formatCost(value);
    case "count":
      return formatNumber(Number(value), { digits: Number.isInteger(Number(value)) ? 0 : 1 });
  }
}

export function resultKey(row: Pick<BakeoffResult, "credential_id" | "model">): string {
  return `${row.credential_id ?? ""}~${row.model}`;
}

/** The one whose interval no other's touches; without such a one nobody is best. */
export function clearBest(
  rows: readonly BakeoffResult[],
  value: (row: BakeoffResult) => Measured,
  { less }: { less: boolean },
): string | null {
  const spans = rows.flatMap((row) => {
    const found = value(row);
    return found && found.low !== null && found.high !== null
      ? [{ key: resultKey(row), low: Number(found.low), high: Number(found.high) }]
      : [];
  });
  if (spans.length < 2) return null;
  const winner = spans.find((one) =>
    spans.every((other) => other === one || (less ? one.high < other.low : one.low > other.high)),
  );
  return winner?.key ?? null;
}

export function outcomeWords(outcomes: Readonly<Record<string, number>>): string {
  const words = Object.entries(outcomes).map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`);
  return words.length > 0 ? words.join(", ") : UNKNOWN;
}
