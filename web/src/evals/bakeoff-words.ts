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

/** 91 % and (83 % to 96 %): the middle, and where it lies with 95 % unless that is one point. */
export function measuredParts(measured: Measured, unit: Unit): { middle: string; range: string | null } {
  if (!measured) return { middle: UNKNOWN, range: null };
  const { value, low, high } = measured;
  const middle = write(value, unit);
  if (low === null || high === null) return { middle, range: null };
  const [from, to] = [write(low, unit), write(high, unit)];
  return { middle, range: from === to ? null : t("({low} to {high})", { low: from, high: to }) };
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

export function resultKey(row: Pick<BakeoffResult, "credential_id" | "model" | "preset_id">): string {
  return `${row.credential_id ?? ""}~${row.model}~${row.preset_id ?? ""}`;
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
