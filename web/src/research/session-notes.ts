/** What a session tells between its steps: messages, questions, proposals, and where it stopped or began anew. */

import { flag, integer, text } from "../lib/live-data";
import type { LiveEvent } from "../lib/live-types";

export type Proposal = { version_id: string; backtest_id: string; recommended: boolean | undefined };

/** From which step to which, and from which message to which, nothing counts any more. */
export type Branch = { fromStep: number; toStep: number; fromPosition: number; toPosition: number };

type What =
  | { kind: "message"; role: string; text: string; position: number | undefined }
  | { kind: "question"; text: string; step: number }
  | { kind: "proposal"; proposal: Proposal }
  | { kind: "report"; unverified: number }
  | { kind: "state"; state: string; text: string }
  | { kind: "rerun"; branch: Branch }
  | { kind: "forked"; session: string; step: number | undefined }
  | { kind: "scheduled"; missed: number };

export type Note = {
  seq: number;
  ts: string;
  /** How many steps there were when it was told: it stands behind them. */
  after: number;
  /** The number of the last of them. */
  step: number;
  stale: boolean;
  what: What;
};

/** States that end something, and are told where that happened. */
const TOLD_STATES = new Set(["paused", "failed", "cancelled", "budget_reached"]);

const ASK = "ask_person";

type Told = { number: number; name: string };

/** The note that an event is, if it is one. */
export function noteOf(event: LiveEvent, steps: readonly Told[]): Note | null {
  const what = whatOf(event, steps.at(-1));
  if (!what) return null;
  return { seq: event.seq, ts: event.ts, after: steps.length, step: steps.at(-1)?.number ?? 0, stale: false, what };
}

function whatOf({ kind, data }: LiveEvent, last: Told | undefined): What | null {
  switch (kind) {
    case "message":
      return messageOf(data, last);
    case "proposal":
      return { kind, proposal: proposalOf(data) };
    case "report":
      return { kind, unverified: integer(data, "unverified") ?? 0 };
    case "session.state":
      return TOLD_STATES.has(text(data, "state"))
        ? { kind: "state", state: text(data, "state"), text: text(data, "error") || text(data, "reason") }
        : null;
    case "session.rerun":
      return { kind: "rerun", branch: branchOf(data) };
    case "session.forked":
      return { kind: "forked", session: text(data, "session_id"), step: integer(data, "step") };
    case "session.scheduled":
      return { kind: "scheduled", missed: integer(data, "missed") ?? 0 };
    default:
      return null;
  }
}

function messageOf(data: LiveEvent["data"], last: Told | undefined): What {
  const [role, said] = [text(data, "role"), text(data, "text")];
  if (role === "model" && last?.name === ASK) return { kind: "question", text: said, step: last.number };
  return { kind: "message", role, text: said, position: integer(data, "position") };
}

export function proposalOf(data: LiveEvent["data"]): Proposal {
  return {
    version_id: text(data, "version_id"),
    backtest_id: text(data, "backtest_id"),
    recommended: flag(data, "recommended"),
  };
}

export function branchOf(data: LiveEvent["data"]): Branch {
  return {
    fromStep: integer(data, "from_step") ?? 0,
    toStep: integer(data, "to_step") ?? 0,
    fromPosition: integer(data, "from_position") ?? 0,
    toPosition: integer(data, "to_position") ?? 0,
  };
}

/** The same list where nothing of it went stale. */
export function outdatedNotes(notes: readonly Note[], branch: Branch): Note[] {
  return notes.map((note) => (note.stale || !isWithin(note, branch) ? note : { ...note, stale: true }));
}

function isWithin({ what, step }: Note, branch: Branch): boolean {
  if (what.kind === "message" && what.position !== undefined)
    return what.position >= branch.fromPosition && what.position <= branch.toPosition;
  return what.kind !== "rerun" && step > 0 && step >= branch.fromStep && step <= branch.toStep;
}

/** What is laid before a person now. */
export function newestProposal(notes: readonly Note[]): Proposal | null {
  for (let index = notes.length - 1; index >= 0; index -= 1) {
    const note = notes[index];
    if (note?.what.kind === "proposal" && !note.stale) return note.what.proposal;
  }
  return null;
}

/** The question that still waits for its answer. */
export function openQuestion(notes: readonly Note[]): Note | undefined {
  for (let index = notes.length - 1; index >= 0; index -= 1) {
    const note = notes[index];
    if (note?.what.kind === "question") return note.stale ? undefined : note;
    if (note?.what.kind === "message" && note.what.role === "user") return undefined;
  }
  return undefined;
}
