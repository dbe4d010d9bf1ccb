import { expect, test } from "vitest";
import type { BakeoffResult, Measured } from "../lib/bakeoffs";
import { clearBest, measuredText, outcomeWords, resultKey } from "./bakeoff-words";

const result = (model: string, cost: Measured): BakeoffResult => ({
  credential_id: "k",
  credential: "Main",
  provider: "openai",
  model,
  runs: 3,
  finished: 3,
  evidence_valid: null,
  tool_call_success: null,
  steps: null,
  latency_ms: null,
  cost,
  outcomes: {},
  sessions: [],
});
const cost = (row: BakeoffResult) => row.cost;

test("a middle stands with its interval, in its unit", () => {
  expect(measuredText({ value: 0.91, low: 0.83, high: 0.96 }, "share")).toBe("91 % (83 % to 96 %)");
  expect(measuredText({ value: "0.21", low: null, high: null }, "dollars")).toBe("$0.21");
  expect(measuredText(null, "ms")).toBe("–");
});

test("best is only who stands clear of every other", () => {
  const cheap = result("a", { value: 1, low: 0.9, high: 1.1 });
  const dear = result("b", { value: 3, low: 2.5, high: 3.5 });
  const near = result("c", { value: 1.05, low: 1, high: 1.2 });
  expect(clearBest([cheap, dear], cost, { less: true })).toBe(resultKey(cheap));
  expect(clearBest([cheap, dear, near], cost, { less: true })).toBeNull();
  expect(clearBest([cheap], cost, { less: true })).toBeNull();
});

test("outcomes are counted in words", () => {
  expect(outcomeWords({ recommended: 2, not_recommended: 1 })).toBe("2 recommended, 1 not recommended");
  expect(outcomeWords({})).toBe("–");
});
