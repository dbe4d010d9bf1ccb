/** A research session as its events tell it: folds them into steps, plan, messages and totals. */

import { flag, integer, record, records, text } from "../lib/live-data";
import { type LiveEvent, PASSING } from "../lib/live-types";
import { type End, endOf, NO_END } from "./session-end";
import { isTrouble, type Spend, spendOf, type Trouble, toldOf, troubleOf } from "./session-money";
import { NO_SPEECH, type Speech, speech } from "./session-speech";
import { add, type Counted, NO_TOTALS, subtract, type Totals } from "./session-totals";

export type RunState = "queued" | "running" | "waiting" | "done" | "failed" | "cancelled" | "budget_reached";

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
};

export type PlanItem = { text: string; done: boolean };
export type Message = { seq: number; role: string; text: string; ts: string };
export type Proposal = { version_id: string; backtest_id: string; recommended: boolean | undefined };

export type SessionState = End &
  Speech & {
    state: RunState;
    steps: readonly Step[];
    plan: readonly PlanItem[];
    messages: readonly Message[];
    report: { unverified: number } | null;
    proposal: Proposal | null;
    spend: Spend | null;
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
  messages: [],
  report: null,
  proposal: null,
  spend: null,
  first_ms: undefined,
  last_ms: undefined,
  totals: NO_TOTALS,
};

const STATES: readonly string[] = ["queued", "running", "waiting", "done", "failed", "cancelled", "budget_reached"];

const STEP_KINDS = new Set(["step.started", "step.finished"]);

/** Apply events in order. Parts that no event touches keep their identity, so their readers do not draw again. */
export function reduceSession(before: SessionState, events: readonly LiveEvent[]): SessionState {
  const next = { ...before };
  let steps: Step[] | null = null;
  for (const event of events) {
    Object.assign(next, speech(next, event, steps ?? before.steps));
    if (event.seq === PASSING) continue;
    const ts = Date.parse(event.ts);
    next.first_ms ??= ts;
    next.last_ms = ts;
    if (STEP_KINDS.has(event.kind)) {
      steps ??= [...before.steps];
      if (event.kind === "step.started") begin(steps, event, ts);
      else next.totals = finish(steps, event, ts, next.totals);
    } else if (isTrouble(event)) {
      steps ??= [...before.steps];
      if (!stumble(steps, event)) next.messages = [...next.messages, toldOf(event)];
    } else {
      Object.assign(next, change(next, event));
    }
  }
  if (steps) next.steps = steps;
  return next;
}

function change(state: SessionState, event: LiveEvent): Partial<SessionState> {
  const data = event.data;
  switch (event.kind) {
    case "session.state": {
      const named = text(data, "state");
      return STATES.includes(named) ? { state: named as RunState, ...endOf(data) } : {};
    }
    case "plan":
      return {
        plan: records(data, "items").map((item) => ({ text: text(item, "text"), done: flag(item, "done") === true })),
      };
    case "message": {
      const message = { seq: event.seq, role: text(data, "role"), text: text(data, "text"), ts: event.ts };
      return { messages: [...state.messages, message] };
    }
    case "report":
      return { report: { unverified: integer(data, "unverified") ?? 0 } };
    case "proposal":
      return {
        proposal: {
          version_id: text(data, "version_id"),
          backtest_id: text(data, "backtest_id"),
          recommended: flag(data, "recommended"),
        },
      };
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

/** Where a step stands: nearly always at the end. */
function place(steps: readonly Step[], number: number): number {
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index];
    if (step?.number === number) return index;
  }
  return -1;
}

export function isOver(state: RunState): boolean {
  return state === "done" || state === "failed" || state === "cancelled" || state === "budget_reached";
}
