/** What a model says while it says it: words in passing, shown until the step that keeps them has ended. */

import { integer, text } from "../lib/live-data";
import type { LiveEvent } from "../lib/live-types";
import { isTrouble } from "./session-money";

const WORDS = "words";

/** A stretch of an answer; `from` is above zero when its beginning was not heard. */
export type Spoken = { from: number; text: string };

/** One call of a model: its answer and its thoughts so far. */
export type Words = { call: string; step: number; text: Spoken; thought: Spoken };

/** `over` is the call that ended last: what of it comes late is not wanted any more. */
export type Speech = { words: Words | null; over: string };

export const NO_SPEECH: Speech = { words: null, over: "" };

const NOTHING: Spoken = { from: 0, text: "" };

type Running = { number: number; ok: boolean | undefined };

/** What an event changes of what is shown: words add to it, and the log ends it. */
export function speech(before: Speech, event: LiveEvent, steps: readonly Running[]): Partial<Speech> {
  return event.kind === WORDS ? hear(before, event.data, steps) : silence(before, event);
}

/** Take a piece where its step still runs; what came late, or belongs to a call that failed, is not shown. */
function hear(before: Speech, data: LiveEvent["data"], steps: readonly Running[]): Partial<Speech> {
  const call = text(data, "call");
  const step = integer(data, "step");
  const at = integer(data, "at");
  const running = steps.at(-1);
  if (step === undefined || at === undefined || call === before.over) return {};
  if (running?.number !== step || running.ok !== undefined) return {};
  const known = before.words?.call === call ? before.words : { call, step, text: NOTHING, thought: NOTHING };
  const kind = text(data, "kind") === "thought" ? "thought" : "text";
  return { words: { ...known, [kind]: joined(known[kind], at, text(data, "text")) } };
}

/** The log says how the call ended: from here on its words stand there, or were cut off and count for nothing. */
function silence(before: Speech, event: LiveEvent): Partial<Speech> {
  const ends = event.kind.startsWith("step.") || event.kind === "session.state" || isTrouble(event);
  return ends && before.words ? { words: null, over: before.words.call } : {};
}

function joined(known: Spoken, at: number, piece: string): Spoken {
  const end = known.from + known.text.length;
  if (at >= known.from && at + piece.length <= end) return known;
  if (at < known.from || at > end) return { from: at, text: piece };
  return { from: known.from, text: known.text.slice(0, at - known.from) + piece };
}
