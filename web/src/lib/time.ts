/** Times as people read them, in the zone they chose; the zone is named beside every chart and table. */

import { UNKNOWN } from "./format";
import { plural, t } from "./message";
import { zoneName } from "./preferences";

export type Moment = string | number | null | undefined;

const LOCALE = "en-GB";
const DAY_MS = 86_400_000;

/** 22 Nov 2026, 14:01 */
export function formatTime(value: Moment, part: "minute" | "second" | "day" = "minute"): string {
  const date = parse(value);
  if (!date) return UNKNOWN;
  const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };
  const clock: Intl.DateTimeFormatOptions =
    part === "day" ? {} : { hour: "2-digit", minute: "2-digit", ...(part === "second" ? { second: "2-digit" } : {}) };
  return new Intl.DateTimeFormat(LOCALE, { ...day, ...clock, hourCycle: "h23", ...zone() }).format(date);
}

/** 14:01:25 */
export function formatClock(value: Moment): string {
  const date = parse(value);
  if (!date) return UNKNOWN;
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  return new Intl.DateTimeFormat(LOCALE, { ...clock, hourCycle: "h23", ...zone() }).format(date);
}

/** The full moment in UTC, for hover and CSV. */
export function formatUtc(value: Moment): string {
  const date = parse(value);
  return date ? date.toISOString().replace(".000Z", "Z") : "";
}

/** 3 min ago; older than a day is a date. */
export function formatAge(value: Moment, now: number = Date.now()): string {
  const date = parse(value);
  if (!date) return UNKNOWN;
  const age = now - date.getTime();
  if (age >= DAY_MS || age < -60_000) return formatTime(date.toISOString());
  if (age < 60_000) return t("just now");
  if (age < 3_600_000) return plural(Math.floor(age / 60_000), "{count} min ago", "{count} min ago");
  return plural(Math.floor(age / 3_600_000), "{count} h ago", "{count} h ago");
}

/** Europe/Zurich, or UTC */
export function zoneLabel(): string {
  return zoneName() ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function zone(): Intl.DateTimeFormatOptions {
  const name = zoneName();
  return name ? { timeZone: name } : {};
}

function parse(value: Moment): Date | null {
  if (value === null || value === undefined || value === "") return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}
