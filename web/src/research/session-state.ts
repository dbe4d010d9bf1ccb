/** A research session as its events tell it: folds them into steps, plan, messages and totals. */

import type { SessionAnswer } from "../api/generated/types.gen";
import { flag, integer, record, records, text } from "../lib/live-data";
import { type LiveEvent, PASSING } from "../lib/live-types";
import { type End, endOf, NO_END } from "./session-end";
import { isTrouble, type Spend, spendOf, type Trouble, toldOf, troubleOf } from "./session-money";
import {
  type Branch,
  type Note,
  newestProposal,
  noteOf,
  outdatedNotes,
  type Proposal,
  proposalOf,
} from "./session-notes";
import { NO_SPEECH, type Speech, speech } from "./session-speech";
import { add, type Counted, NO_TOTALS, subtract, type Totals } from "./session-totals";

export type RunState = SessionAnswer["state"];

export type Step = Counted & {
  number: number;
  name: string;
  title: string;
  input: Record<string, unknown>;
  attempt: number;
  started_ms: number;
  preview: string;
  /** What the provider shows of the model's thoughts. */
  thought: string;
  evidence: number | undefined;
  error: string;
  /** Calls of the model that failed and were tried again, or given to the fallback. */
  troubles: readonly Trouble[];
  /** Something before it was changed since: it counts no more. */
  stale: boolean;
};

export type PlanItem = { text: string; done: boolean };

export type SessionState = End &
  Speech & {
    state: RunState;
    steps: readonly Step[];
    plan: readonly PlanItem[];
    notes: readonly Note[];
    report: { unverified: number } | null;
    proposal: Proposal | null;
    spend: Spend | null;
    /** What it will do when its step is over, once somebody asked for it. */
    halting: SessionAnswer["halting"];
    /** Null as long as nobody named it. */
    title: string | null | undefined;
    first_ms: number | undefined;
    last_ms: number | undefined;
    totals: Totals;
  };

export const NEW_SESSION: SessionState = {
  state: "queued",
  ...NO_END,
  ...NO_SPEECH,
  steps: [],
  plan: [],
  notes: [],
  report: null,
  proposal: null,
  spend: null,
  halting: null,
  title: undefined,
  first_ms: undefined,
  last_ms: undefined,
  totals: NO_TOTALS,
};

const STATES: ReadonlySet<string> = new Set<RunState>([
  ...(["queued", "running", "waiting", "paused", "done", "failed", "cancelled", "budget_reached"] as const),
]);

/** Apply events in order. Parts that no event touches keep their identity, so their readers do not draw again. */
export function reduceSession(before: SessionState, events: readonly LiveEvent[]): SessionState {
  const draft: Draft = { next: { ...before }, steps: null, notes: null };
  for (const event of events) {
    Object.assign(draft.next, speech(draft.next, event, draft.steps ?? before.steps));
    if (event.seq !== PASSING) apply(draft, event);
  }
  const { next, steps, notes } = draft;
  if (steps) next.steps = steps;
  if (notes) next.notes = notes;
  return next;
}

/** What changes; a list is copied once a batch, and only when something is added to it. */
type Draft = { next: SessionState; steps: Step[] | null; notes: Note[] | null };

function apply(draft: Draft, event: LiveEvent): void {
  const { next } = draft;
  const ts = Date.parse(event.ts);
  next.first_ms ??= ts;
  next.last_ms = ts;
  if (event.kind === "step.started") begin(stepsOf(draft), event, ts);
  else if (event.kind === "step.finished") next.totals = finish(stepsOf(draft), event, ts, next.totals);
  else if (isTrouble(event)) {
    const steps = stepsOf(draft);
    if (!stumble(steps, event)) notesOf(draft).push(toldOf(event, steps.length));
  } else {
    Object.assign(next, change(event));
    tell(draft, event);
  }
}

function tell(draft: Draft, event: LiveEvent): void {
  const note = noteOf(event, draft.steps ?? draft.next.steps);
  if (!note) return;
  if (note.what.kind === "rerun") {
    draft.notes = outdatedNotes(notesOf(draft), note.what.branch);
    draft.steps = outdatedSteps(stepsOf(draft), note.what.branch);
    draft.next.proposal = newestProposal(draft.notes);
  }
  notesOf(draft).push(note);
}

function stepsOf(draft: Draft): Step[] {
  draft.steps ??= [...draft.next.steps];
  return draft.steps;
}

function notesOf(draft: Draft): Note[] {
  draft.notes ??= [...draft.next.notes];
  return draft.notes;
}

function outdatedSteps(steps: readonly Step[], { fromStep, toStep }: Branch): Step[] {
  return steps.map((step) =>
    step.number >= fromStep && step.number <= toStep && !step.stale ? { ...step, stale: true } : step,
  );
}

function change(event: LiveEvent): Partial<SessionState> {
  const data = event.data;
  switch (event.kind) {
    case "session.state": {
      const named = text(data, "state");
      return STATES.has(named) ? { state: named as RunState, halting: null, ...endOf(data) } : {};
    }
    case "plan":
      return {
        plan: records(data, "items").map((item) => ({ text: text(item, "text"), done: flag(item, "done") === true })),
      };
    case "report":
      return { report: { unverified: integer(data, "unverified") ?? 0 } };
    case "proposal":
      return { proposal: proposalOf(data) };
    case "session.halting": {
      const to = text(data, "to");
      return { halting: to === "paused" || to === "cancelled" ? to : null };
    }
    case "session.title":
      return { title: text(data, "title") || null };
    case "spend":
      return { spend: spendOf(data) };
    default:
      // A newer server says more than this page knows.
      return {};
  }
}

function begin(steps: Step[], event: LiveEvent, ts: number): void {
  const data = event.data;
  const number = integer(data, "step") ?? steps.length + 1;
  const step: Step = {
    number,
    kind: text(data, "kind") === "model" ? "model" : "tool",
    name: text(data, "name"),
    title: text(data, "title"),
    input: record(data, "input"),
    attempt: integer(data, "attempt") ?? 1,
    started_ms: ts,
    ok: undefined,
    duration_ms: undefined,
    preview: "",
    thought: "",
    evidence: undefined,
    tokens_in: 0,
    tokens_out: 0,
    cost: "",
    error: "",
    troubles: [],
    stale: false,
  };
  // A worker that died left the step begun: its second attempt takes the same place, and keeps what went wrong.
  const known = place(steps, number);
  step.troubles = steps[known]?.troubles ?? [];
  if (known >= 0) steps[known] = step;
  else steps.push(step);
}

function stumble(steps: Step[], event: LiveEvent): boolean {
  const known = place(steps, integer(event.data, "step") ?? 0);
  const step = steps[known];
  if (step) steps[known] = { ...step, troubles: [...step.troubles, troubleOf(event)] };
  return step !== undefined;
}

function finish(steps: Step[], event: LiveEvent, ts: number, totals: Totals): Totals {
  const data = event.data;
  const number = integer(data, "step") ?? 0;
  let known = place(steps, number);
  if (known < 0) {
    begin(steps, event, ts - (integer(data, "duration_ms") ?? 0));
    known = steps.length - 1;
  }
  const begun = steps[known];
  if (!begun) return totals;
  const step: Step = {
    ...begun,
    title: text(data, "title") || begun.title,
    ok: flag(data, "ok") === true,
    duration_ms: integer(data, "duration_ms") ?? ts - begun.started_ms,
    preview: text(data, "preview"),
    thought: text(data, "thought"),
    evidence: integer(data, "evidence"),
    tokens_in: integer(data, "tokens_in") ?? 0,
    tokens_out: integer(data, "tokens_out") ?? 0,
    cost: text(data, "cost"),
    error: text(data, "error"),
  };
  steps[known] = step;
  return add(begun.ok === undefined ? totals : subtract(totals, begun), step);
}

/** Where a step stands, nearly always at the end; the numbers rise, so that a new one is known at once. */
function place(steps: readonly Step[], number: number): number {
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index];
    if (!step || step.number < number) return -1;
    if (step.number === number) return index;
  }
  return -1;
}

export function isOver(state: RunState): boolean {
  return state === "done" || state === "failed" || state === "cancelled" || state === "budget_reached";
}
