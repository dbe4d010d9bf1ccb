/** A session's money and its model's troubles, as the events tell them. */

import type { SessionAnswer } from "../api/generated/types.gen";
import { text } from "../lib/live-data";
import type { LiveEvent } from "../lib/live-types";
import { plural, t } from "../lib/message";
import type { Note } from "./session-notes";

/** Dollars as text; `cap` null when only the workspace's caps hold. */
export type Spend = { spent: string; reserved: string; cap: string | null };

export type Trouble = {
  seq: number;
  ts: string;
  kind: "retry" | "fallback" | "failed";
  failure: string;
  text: string;
  /** Seconds until the next try. */
  wait_s: number | undefined;
};

const KINDS: Readonly<Record<string, Trouble["kind"]>> = {
  "model.retry": "retry",
  "model.failed": "failed",
  "model.fallback": "fallback",
};

export function isTrouble(event: LiveEvent): boolean {
  return event.kind in KINDS;
}

export function troubleOf(event: LiveEvent): Trouble {
  const { data } = event;
  return {
    seq: event.seq,
    ts: event.ts,
    kind: KINDS[event.kind] ?? "retry",
    failure: text(data, "failure"),
    text: text(data, "text"),
    wait_s: typeof data.wait_s === "number" ? data.wait_s : undefined,
  };
}

/** What belongs to no step is said among the messages. */
export function toldOf(event: LiveEvent, after: number): Note {
  const what = { kind: "message", role: "omc", text: text(event.data, "text"), position: undefined } as const;
  return { seq: event.seq, ts: event.ts, after, step: 0, stale: false, what };
}

export function spendOf(data: LiveEvent["data"]): Spend {
  return { spent: text(data, "spent") || "0", reserved: text(data, "reserved") || "0", cap: text(data, "cap") || null };
}

/** retried 2 times, fallback */
export function troublesWords(troubles: readonly Trouble[]): string {
  const retries = troubles.filter((each) => each.kind === "retry").length;
  const words = retries > 0 ? [plural(retries, "retried once", "retried {count} times")] : [];
  if (troubles.some((each) => each.kind === "fallback")) words.push(t("fallback"));
  return words.length > 0 ? words.join(", ") : t("call failed");
}

/** The server's sentence of a fallback tells the failure before it once more: here that stands one line above. */
export function newWords(trouble: Trouble, before: Trouble | undefined): string {
  const repeated = trouble.kind === "fallback" && before && trouble.text.startsWith(before.text);
  return repeated ? trouble.text.slice(before.text.length).trim() : trouble.text;
}

export function whatNext(trouble: Trouble): string {
  if (trouble.kind === "fallback") return "";
  if (trouble.kind === "failed") return t("Trying once more would not have helped.");
  if (trouble.wait_s === undefined) return t("It was tried again.");
  return t("It was tried again after {seconds} s.", { seconds: trouble.wait_s });
}

/** The newest figures: the events', else the session's own. The cap is the session's: it changes between two calls. */
export function spendNow(session: SessionAnswer, told: Spend | null): Spend {
  const { cap } = session;
  return { spent: session.cost || "0", reserved: session.reserved || "0", ...told, cap };
}

/** The wait that the newest failure asks for, while its step still runs: when it is over, or null. */
export function waitingUntil(troubles: readonly Trouble[]): number | null {
  const last = troubles.at(-1);
  return last?.kind === "retry" && last.wait_s !== undefined ? Date.parse(last.ts) + last.wait_s * 1_000 : null;
}
