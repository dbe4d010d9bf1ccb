import { expect, test } from "vitest";
import type { LiveEvent } from "../lib/live-types";
import { NEW_SESSION, reduceSession } from "./session-state";
import { microDollars } from "./session-totals";
import { axisSpan, bar } from "./waterfall";

let seq = 0;

function event(kind: string, data: Record<string, unknown>, second = 0): LiveEvent {
  seq += 1;
  return { topic: "session:1", seq, ts: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(), kind, data };
}

function started(step: number, kind = "tool", second = 0, attempt = 1): LiveEvent {
  return event(
    "step.started",
    { step, kind, name: "run_backtest", title: "Backtest", input: { a: 1 }, attempt },
    second,
  );
}

function finished(step: number, more: Record<string, unknown> = {}, second = 1): LiveEvent {
  const data = {
    step,
    kind: "tool",
    ok: true,
    preview: "done",
    duration_ms: 900,
    tokens_in: 0,
    tokens_out: 0,
    cost: "0",
  };
  return event("step.finished", { ...data, ...more }, second);
}

test("a step begins open and ends with its result", () => {
  const running = reduceSession(NEW_SESSION, [started(1)]);
  expect(running.steps[0]?.ok).toBeUndefined();
  const done = reduceSession(running, [finished(1, { evidence: 4 })]);
  expect(done.steps).toHaveLength(1);
  expect(done.steps[0]).toMatchObject({ ok: true, evidence: 4, duration_ms: 900, preview: "done" });
});

test("a second attempt takes the place of the first", () => {
  const state = reduceSession(NEW_SESSION, [started(1), started(2), started(2, "tool", 5, 2), finished(2)]);
  expect(state.steps.map((step) => step.attempt)).toEqual([1, 2]);
  expect(state.totals.finished).toBe(1);
});

test("a step that ends twice counts once", () => {
  const state = reduceSession(NEW_SESSION, [started(1), finished(1, { ok: false }), finished(1)]);
  expect(state.totals).toMatchObject({ finished: 1, failed: 0 });
});

test("an end without a beginning is still shown", () => {
  const state = reduceSession(NEW_SESSION, [finished(7, { title: "Late" })]);
  expect(state.steps[0]).toMatchObject({ number: 7, title: "Late", ok: true });
});

test("totals add tokens and exact costs, and count what has no price", () => {
  const model = { kind: "model", tokens_in: 1_200, tokens_out: 34 };
  const state = reduceSession(NEW_SESSION, [
    started(1, "model"),
    finished(1, { ...model, cost: "0.1" }),
    started(2, "model"),
    finished(2, { ...model, cost: "0.2" }),
    started(3, "model"),
    finished(3, { ...model, cost: null }),
  ]);
  expect(state.totals).toMatchObject({ tokens_in: 3_600, tokens_out: 102, cost_micro: 300_000, unpriced: 1 });
});

test("a cost below a micro-dollar is never shown as nothing", () => {
  expect(microDollars("0.0000004")).toBe(1);
  expect(microDollars("0")).toBe(0);
  expect(microDollars("")).toBeUndefined();
});

test("what no event touches keeps its identity", () => {
  const before = reduceSession(NEW_SESSION, [started(1), event("plan", { items: [{ text: "Look", done: false }] })]);
  const after = reduceSession(before, [event("message", { role: "user", text: "Hello" })]);
  expect(after.steps).toBe(before.steps);
  expect(after.plan).toBe(before.plan);
});

test("state, plan, report and proposal follow their events; an unknown kind is passed over", () => {
  const state = reduceSession(NEW_SESSION, [
    event("session.state", { state: "failed", error: "The worker ran out of memory." }),
    event("session.state", { state: "melted" }),
    event("plan", { items: [{ text: "Look", done: true }, "odd"] }),
    event("report", { unverified: 2 }),
    event("proposal", { version_id: "v", backtest_id: "b", recommended: false }),
    event("something.new", {}),
  ]);
  expect(state).toMatchObject({
    state: "failed",
    error: "The worker ran out of memory.",
    plan: [{ text: "Look", done: true }],
    report: { unverified: 2 },
    proposal: { version_id: "v", recommended: false },
  });
});

test("ten thousand steps fold batch by batch, none lost", () => {
  const events = Array.from({ length: 10_000 }, (_, index) => [started(index + 1), finished(index + 1)]).flat();
  let state = NEW_SESSION;
  for (let at = 0; at < events.length; at += 200) state = reduceSession(state, events.slice(at, at + 200));
  expect(state.totals.finished).toBe(10_000);
});

test("the time axis grows in jumps and holds every bar", () => {
  expect(axisSpan(9_000)).toBe(10_000);
  expect(axisSpan(61_000)).toBe(120_000);
  expect(bar(0, 0, 10_000).width).toBeGreaterThan(0);
  const last = bar(10_000, 500, 10_000);
  expect(last.left + last.width).toBeLessThanOrEqual(100);
});
