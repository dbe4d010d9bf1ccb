import { expect, test } from "vitest";
import type { LiveEvent } from "../lib/live-types";
import { type Trouble, troublesWords, whatNext } from "./session-money";
import { isOver, NEW_SESSION, reduceSession } from "./session-state";

const TS = "2026-11-22T14:00:00Z";
const event = (seq: number, kind: string, data: Record<string, unknown>): LiveEvent =>
  ({ topic: "session:1", seq, ts: TS, kind, data }) as LiveEvent;
const begun = event(1, "step.started", {
  step: 1,
  kind: "model",
  name: "model",
  title: "Think",
  attempt: 1,
  input: {},
});
const retry = event(2, "model.retry", {
  step: 1,
  attempt: 1,
  failure: "rate_limited",
  text: "The provider asks to slow down.",
  wait_s: 4,
});

test("a failed try is kept with its step and its reason", () => {
  const { steps } = reduceSession(NEW_SESSION, [begun, retry]);
  expect(steps[0]?.troubles).toHaveLength(1);
  expect(steps[0]?.troubles[0]?.text).toContain("slow down");
});

test("what went wrong stays when the step ends, and when a second worker takes it up", () => {
  const ended = event(3, "step.finished", { step: 1, ok: true, duration_ms: 9, cost: "0.01" });
  const again = event(4, "step.started", {
    step: 1,
    kind: "model",
    name: "model",
    title: "Think",
    attempt: 2,
    input: {},
  });
  expect(reduceSession(NEW_SESSION, [begun, retry, ended]).steps[0]?.troubles).toHaveLength(1);
  expect(reduceSession(NEW_SESSION, [begun, retry, again]).steps[0]?.troubles).toHaveLength(1);
});

test("money is told by the newest event", () => {
  const told = event(2, "spend", { spent: "0.10", reserved: "0.05", cap: "2" });
  expect(reduceSession(NEW_SESSION, [begun, told]).spend).toEqual({ spent: "0.10", reserved: "0.05", cap: "2" });
});

test("a session at its cap is over", () => {
  const { state } = reduceSession(NEW_SESSION, [event(1, "session.state", { state: "budget_reached" })]);
  expect(state).toBe("budget_reached");
  expect(isOver(state)).toBe(true);
});

test("troubles are told in words", () => {
  const one: Trouble = { seq: 1, ts: TS, kind: "retry", failure: "cut", text: "It broke off.", wait_s: 2, model: "" };
  expect(troublesWords([one])).toBe("retried once");
  expect(troublesWords([one, one, { ...one, kind: "fallback" }])).toBe("retried 2 times, fallback");
  expect(whatNext({ ...one, kind: "fallback", model: "small" })).toContain("small took over");
  expect(whatNext(one)).toContain("2 s");
});
