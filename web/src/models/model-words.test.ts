import { expect, test } from "vitest";
import type { Model, Session } from "../lib/contract";
import { kindWords, networkWords, pastOf, priceWords } from "./model-words";

const analyst: Model = { id: "analyst", label: "Analyst", provider: "builtin", kind: "rules" };

function session(changes: Partial<Session>): Session {
  return {
    id: "1",
    goal: "?",
    model: "analyst",
    state: "done",
    created_at: "2026-11-22T14:00:00Z",
    ended_at: "2026-11-22T14:00:04Z",
    as_of: "2026-11-22T14:00:00Z",
    steps: 1,
    tokens_in: 0,
    tokens_out: 0,
    cost: "0",
    report: true,
    error: null,
    symbol: null,
    timeframe: null,
    ...changes,
  };
}

test("the built-in analyst is free, needs no network, and is never called AI", () => {
  expect(priceWords(analyst)).toBe("Free");
  expect(networkWords(analyst)).toContain("offline");
  expect(kindWords(analyst)).toBe("Fixed rules, not AI");
});

test("a model whose price is unknown is not called free", () => {
  expect(priceWords({ ...analyst, kind: "language" })).toBe("Unknown");
});

test("the typical time is the median of the finished sessions of that model", () => {
  const use = pastOf(analyst, [
    session({}),
    session({ ended_at: "2026-11-22T14:00:10Z" }),
    session({ state: "running", ended_at: null }),
    session({ model: "other", ended_at: "2026-11-22T15:00:00Z" }),
  ]);
  expect(use).toEqual({ sessions: 3, finished: 2, middleMs: 7_000 });
});

test("without a finished session there is no typical time", () => {
  expect(pastOf(analyst, [])).toEqual({ sessions: 0, finished: 0, middleMs: null });
});
