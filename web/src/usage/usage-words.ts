/** What the usage page makes of the server's rows: whole weeks of days, shares, forecasts. */

import { formatDollars } from "../lib/format";
import { t } from "../lib/message";
import type { UsageBy, UsageRow } from "../lib/vault";

const DAY_MS = 86_400_000;

export const BY: readonly UsageBy[] = ["day", "model", "credential", "session"];
export const SPANS = [7, 30, 90] as const;

export function byOf(text: string | undefined): UsageBy {
  return BY.find((each) => each === text) ?? "day";
}

export function daysOf(text: string | undefined): number {
  return SPANS.find((each) => String(each) === text) ?? 30;
}

/** The first UTC day of a span that ends today. */
export function firstDay(days: number, now: number = Date.now()): string {
  return isoDay(now - (days - 1) * DAY_MS);
}

export type DayCost = { day: string; cost: string; retried: string };

/** Every day of the span, those without a call at zero. */
export function everyDay(rows: readonly UsageRow[], days: number, now: number = Date.now()): DayCost[] {
  const known = new Map(rows.map((row) => [row.key.slice(0, 10), row]));
  return Array.from({ length: days }, (_, index) => {
    const day = isoDay(now - (days - 1 - index) * DAY_MS);
    const row = known.get(day);
    return { day, cost: row?.cost ?? "0", retried: row?.retried_cost ?? "0" };
  });
}

/** At this pace until the month's end; null in its first hours, when a pace says nothing. */
export function forecast(month: string, now: number = Date.now()): string | null {
  const date = new Date(now);
  const begun = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  if (now - begun < DAY_MS) return null;
  return ((Number(month) * (end - begun)) / (now - begun)).toFixed(2);
}

/** A sum of decimals as text, exact. */
export function addDollars(amounts: readonly string[]): string {
  const most = Math.max(0, ...amounts.map((amount) => amount.split(".")[1]?.length ?? 0));
  const whole = amounts.reduce((total, amount) => total + scaled(amount, most), 0n);
  const digits = whole.toString().padStart(most + 1, "0");
  return most === 0 ? digits : `${digits.slice(0, -most)}.${digits.slice(-most)}`;
}

/** What a person is told where a provider claims more than his calls can cost; null where none does. */
export function claimedWords(total: UsageRow | undefined): string | null {
  if (!total || total.claimed_above === "0") return null;
  return t(
    "Providers claim {amount} more in this time than their calls can cost. It is booked nowhere and counts in no cap: compare with their bills, and see below which calls it was.",
    { amount: formatDollars(total.claimed_above) },
  );
}

function scaled(amount: string, places: number): bigint {
  const [whole = "0", part = ""] = amount.split(".");
  return BigInt(whole + part.padEnd(places, "0"));
}

export function byWords(by: UsageBy): string {
  switch (by) {
    case "day":
      return t("Day");
    case "model":
      return t("Model");
    case "credential":
      return t("Key");
    case "session":
      return t("Session");
  }
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
