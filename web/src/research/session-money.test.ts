import { expect, test } from "vitest";
import type { SessionAnswer } from "../api/generated/types.gen";
import type { LiveEvent } from "../lib/live-types";
import { newWords, spendNow, type Trouble, troublesWords, waitingUntil, whatNext } from "./session-money";
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
  const ended = { state: "budget_reached", error: "The cap of a day is $1.00", cap: "day" };
  const { state, capReached } = reduceSession(NEW_SESSION, [event(1, "session.state", ended)]);
  expect([state, capReached]).toEqual(["budget_reached", "day"]);
  expect(isOver(state)).toBe(true);
});

test("troubles are told in words", () => {
  const one: Trouble = { seq: 1, ts: TS, kind: "retry", failure: "cut", text: "It broke off.", wait_s: 2 };
  expect(troublesWords([one])).toBe("retried once");
  expect(troublesWords([one, one, { ...one, kind: "fallback" }])).toBe("retried 2 times, fallback");
  expect(whatNext(one)).toContain("2 s");
});

test("a step that waits for its next try says until when; one that ended or was passed on does not", () => {
  const { steps } = reduceSession(NEW_SESSION, [begun, retry]);
  expect(waitingUntil(steps[0]?.troubles ?? [])).toBe(Date.parse(TS) + 4_000);
  const fallback = event(3, "model.fallback", { step: 1, failure: "rate_limited", text: "Passed on.", model: "other" });
  expect(waitingUntil(reduceSession(NEW_SESSION, [begun, retry, fallback]).steps[0]?.troubles ?? [])).toBeNull();
  expect(waitingUntil([])).toBeNull();
});

test("a changed cap is the session's at once, whatever the last call was told", () => {
  const session = { cost: "0.01", reserved: "0", cap: "0.40" } as SessionAnswer;
  expect(spendNow(session, { spent: "0.02", reserved: "0.05", cap: "0.20" })).toEqual({
    spent: "0.02",
    reserved: "0.05",
    cap: "0.40",
  });
});

test("a fallback's sentence does not say the failure twice", () => {
  const failed: Trouble = {
    seq: 2,
    ts: TS,
    kind: "failed",
    failure: "no_model",
    text: "No such model.",
    wait_s: undefined,
  };
  const passed: Trouble = { ...failed, seq: 3, kind: "fallback", text: "No such model. The session goes on with b." };
  expect(newWords(passed, failed)).toBe("The session goes on with b.");
  expect(newWords(passed, undefined)).toBe(passed.text);
  expect(newWords(failed, failed)).toBe("No such model.");
});
