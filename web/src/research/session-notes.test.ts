import { expect, test } from "vitest";
import type { LiveEvent } from "../lib/live-types";
import { openQuestion } from "./session-notes";
import { NEW_SESSION, reduceSession } from "./session-state";
import { timeline } from "./timeline";

function told(...events: [string, Record<string, unknown>][]): LiveEvent[] {
  return events.map(([kind, data], at) => ({
    ...{ topic: "session:1", seq: at + 1, ts: new Date(at * 1_000).toISOString(), kind, data },
  }));
}

const step = (number: number, name: string): [string, Record<string, unknown>][] => [
  ["step.started", { step: number, kind: "tool", name, title: name, input: {}, attempt: 1 }],
  ["step.finished", { step: number, kind: "tool", name, ok: true, duration_ms: 1 }],
];

const ASKED = told(
  ["message", { role: "user", text: "Is it so?", position: 1 }],
  ...step(1, "set_plan"),
  ...step(2, "ask_person"),
  ["message", { role: "model", text: "On which market?" }],
);

test("what was said stands where it was said, whatever is filtered out", () => {
  const { steps, notes } = reduceSession(NEW_SESSION, ASKED);
  const keys = (filter: "all" | "said" | "tool") => timeline(steps, notes, filter).map((line) => line.key);
  expect(keys("all")).toEqual(["n1", "s1", "s2", "n6"]);
  expect(keys("said")).toEqual(["n1", "n6"]);
  expect(keys("tool")).toEqual(["s1", "s2"]);
});

test("a question waits until the person has spoken", () => {
  const asked = reduceSession(NEW_SESSION, ASKED);
  expect(openQuestion(asked.notes)?.what).toEqual({ kind: "question", text: "On which market?", step: 2 });
  const [answer] = told(["message", { role: "user", text: "BTC", position: 5 }]);
  const answered = reduceSession(asked, [{ ...(answer as LiveEvent), seq: 7 }]);
  expect(openQuestion(answered.notes)).toBeUndefined();
});

test("after a rerun what came before it is stale, a proposal is withdrawn, and what follows counts", () => {
  const before = reduceSession(NEW_SESSION, [
    ...ASKED,
    ...told(["proposal", { version_id: "v", backtest_id: "b" }]).map((event) => ({ ...event, seq: 7 })),
  ]);
  expect(before.proposal).not.toBeNull();
  const branch = { changed: "message", from_position: 1, to_position: 4, from_step: 1, to_step: 2 };
  const after = told(
    ["session.rerun", branch],
    ["message", { role: "user", text: "So?", position: 6 }],
    ...step(3, "x"),
  );
  const state = reduceSession(
    before,
    after.map((event) => ({ ...event, seq: event.seq + 7 })),
  );
  expect(state.steps.map((each) => each.stale)).toEqual([true, true, false]);
  expect(state.notes.map((note) => [note.what.kind, note.stale])).toEqual([
    ["message", true],
    ["question", true],
    ["proposal", true],
    ["rerun", false],
    ["message", false],
  ]);
  expect(state.proposal).toBeNull();
});
