/** The installation's parts in words: what they are called, how they are, what their age is the age of. */

import type { Part, PartState, Status } from "../lib/contract";
import { formatDuration, UNKNOWN } from "../lib/format";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";

const NAMES: Readonly<Record<string, string>> = {
  api: t("API"),
  database: t("Database"),
  workers: t("Workers"),
  queue: t("Job queue"),
  data: t("Market data"),
  storage: t("Storage"),
};

const AGES: Readonly<Record<string, string>> = {
  workers: t("Heartbeat {age} ago"),
  queue: t("Oldest job waits {age}"),
  data: t("Newest candle {age} old"),
};

/** Nothing known is a state of its own: neither well nor broken. */
export const STATES: Readonly<Record<PartState, { words: string; tone: Tone }>> = {
  ok: { words: t("Working"), tone: "good" },
  degraded: { words: t("Degraded"), tone: "warn" },
  down: { words: t("Down"), tone: "bad" },
  unknown: { words: t("No data"), tone: "quiet" },
};

/** A part that this page does not know yet keeps the server's name. */
export function partName(part: Part): string {
  return NAMES[part.name] ?? part.name;
}

export function partAge(part: Part): string {
  if (part.age_s === null) return UNKNOWN;
  if (part.name === "queue" && part.age_s === 0) return t("Nothing waits");
  const age = formatDuration(Math.max(0, part.age_s) * 1_000);
  return t(AGES[part.name] ?? "{age}", { age });
}

/** The worst first; parts without data do not spoil a good state. */
export function overall(status: Status): { tone: Tone; words: string } {
  for (const state of ["down", "degraded"] as const) {
    const parts = status.parts.filter((part) => part.state === state);
    if (parts.length > 0) {
      const words = `${STATES[state].words}: ${parts.map(partName).join(", ")}`;
      return { tone: STATES[state].tone, words };
    }
  }
  return { tone: "good", words: t("All systems normal") };
}
