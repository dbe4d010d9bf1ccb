import { describe, expect, test } from "vitest";
import { type LiveEvent, PASSING } from "../lib/live-types";
import { NEW_SESSION, reduceSession, type SessionState } from "./session-state";

let seq = 0;

function event(kind: string, data: Record<string, unknown>): LiveEvent {
  seq += 1;
  return { topic: "session:1", seq, ts: "2026-01-01T00:00:00Z", kind, data };
}

function said(text: string, at: number, more: Record<string, unknown> = {}): LiveEvent {
  const data = { call: "call-1", step: 1, kind: "text", at, text, ...more };
  return { topic: "session:1", seq: PASSING, ts: "2026-01-01T00:00:01Z", kind: "words", data };
}

const RUNNING = reduceSession(NEW_SESSION, [event("step.started", { step: 1, kind: "model", attempt: 1 })]);

function shown(state: SessionState): string | null {
  const words = state.words;
  return words ? `${words.text.from}:${words.text.text}` : null;
}

function told(...events: LiveEvent[]): SessionState {
  return reduceSession(RUNNING, events);
}

describe("words in passing", () => {
  test("grow piece by piece, thoughts apart", () => {
    const state = told(said("Hm.", 0, { kind: "thought" }), said("One ", 0), said("two", 4));
    expect(shown(state)).toBe("0:One two");
    expect(state.words?.thought.text).toBe("Hm.");
  });

  test("told again from the beginning change nothing", () => {
    const whole = told(said("One ", 0), said("two", 4));
    const again = reduceSession(whole, [said("One ", 0), said("two three", 4)]);
    expect(shown(again)).toBe("0:One two three");
  });

  test("behind a missed piece say that something is missing", () => {
    expect(shown(told(said("three", 8)))).toBe("8:three");
    expect(shown(told(said("three", 8), said("One two three", 0)))).toBe("0:One two three");
  });

  test("give way to the step that keeps them, and those that come late are not shown", () => {
    const ended = told(said("One", 0), event("step.finished", { step: 1, ok: true, preview: "One" }), said("One", 0));
    expect(ended.words).toBeNull();
    expect(ended.steps[0]?.preview).toBe("One");
  });

  test("of a call that failed go away, and those of the next try come", () => {
    const failed = told(said("One", 0), event("model.retry", { step: 1, failure: "cut", text: "It broke off." }));
    expect(failed.words).toBeNull();
    expect(reduceSession(failed, [said(" two", 3)]).words).toBeNull();
    expect(shown(reduceSession(failed, [said("Anew", 0, { call: "call-2" })]))).toBe("0:Anew");
  });

  test("of the next try come also from a machine whose clock is behind", () => {
    const failed = told(
      said("One", 0, { call: "call-9" }),
      event("model.retry", { step: 1, failure: "cut", text: "" }),
    );
    expect(shown(reduceSession(failed, [said("Anew", 0, { call: "call-2" })]))).toBe("0:Anew");
  });

  test("of a step that has not begun, or is over, are nobody's", () => {
    expect(told(said("One", 0, { step: 2 })).words).toBeNull();
    expect(reduceSession(NEW_SESSION, [said("One", 0)]).words).toBeNull();
  });

  test("end with the session", () => {
    expect(told(said("One", 0), event("session.state", { state: "cancelled" })).words).toBeNull();
  });

  test("count as no time and move no total", () => {
    const state = told(said("One", 0));
    expect(state.last_ms).toBe(RUNNING.last_ms);
    expect(state.totals).toBe(RUNNING.totals);
  });
});
