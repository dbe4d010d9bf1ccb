/** A session's money and its model's troubles, as the events tell them. */

import type { SessionAnswer } from "../api/generated/types.gen";
import { integer, text } from "../lib/live-data";
import type { LiveEvent } from "../lib/live-types";
import { plural, t } from "../lib/message";

/** Dollars as text; `cap` null when only the workspace's caps hold. */
export type Spend = { spent: string; reserved: string; cap: string | null };

export type Trouble = {
  seq: number;
  ts: string;
  kind: "retry" | "fallback";
  failure: string;
  text: string;
  /** Seconds until the next try. */
  wait_s: number | undefined;
  /** The model that took over. */
  model: string;
};

/** What a session says of its key and its money; older servers say nothing of it. */
export type Paid = SessionAnswer & {
  credential?: { id: string; name: string } | null;
  provider?: string;
  preset?: Record<string, unknown> | null;
  cap?: string | null;
  reserved?: string | null;
  fallback?: unknown;
};

export function isTrouble(event: LiveEvent): boolean {
  return event.kind === "model.retry" || event.kind === "model.fallback";
}

export function troubleOf(event: LiveEvent): Trouble {
  const { data } = event;
  return {
    seq: event.seq,
    ts: event.ts,
    kind: event.kind === "model.fallback" ? "fallback" : "retry",
    failure: text(data, "failure"),
    text: text(data, "text"),
    wait_s: integer(data, "wait_s"),
    model: text(data, "model"),
  };
}

export function spendOf(data: LiveEvent["data"]): Spend {
  return { spent: text(data, "spent") || "0", reserved: text(data, "reserved") || "0", cap: text(data, "cap") || null };
}

/** retried 2 times, fallback */
export function troublesWords(troubles: readonly Trouble[]): string {
  const retries = troubles.filter((each) => each.kind === "retry").length;
  const words = retries > 0 ? [plural(retries, "retried once", "retried {count} times")] : [];
  if (retries < troubles.length) words.push(t("fallback"));
  return words.join(", ");
}

export function whatNext(trouble: Trouble): string {
  if (trouble.kind === "fallback") {
    return trouble.model
      ? t("The fallback {model} took over.", { model: trouble.model })
      : t("The fallback took over.");
  }
  if (trouble.wait_s === undefined) return t("It was tried again.");
  return plural(trouble.wait_s, "It was tried again after {count} s.", "It was tried again after {count} s.");
}

/** The newest figures: the events', else the session's own. */
export function spendNow(session: Paid, told: Spend | null): Spend {
  return told ?? { spent: session.cost || "0", reserved: session.reserved ?? "0", cap: session.cap ?? null };
}
