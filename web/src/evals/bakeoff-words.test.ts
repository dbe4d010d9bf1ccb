import { expect, test } from "vitest";
import type { BakeoffResult } from "../lib/bakeoffs";
import { clearBest, measuredText, outcomeWords, resultKey } from "./bakeoff-words";

const result = (model: string, cost: BakeoffResult["cost"]): BakeoffResult => ({
  credential_id: "k",
  credential: "Main",
  provider: "openai",
  model,
  finished: 3,
  evidence_validity: null,
  tool_success: null,
  agreement: null,
  steps: null,
  seconds: null,
  cost,
  verdicts: {},
  sessions: [],
});
const cost = (row: BakeoffResult) => row.cost;

test("a middle stands with its interval, in its unit", () => {
  expect(measuredText({ value: 0.91, low: 0.83, high: 0.96, n: 30 }, "share")).toBe("91 % (83 % to 96 %)");
  expect(measuredText({ value: "0.21", low: null, high: null, n: 1 }, "dollars")).toBe("$0.21");
  expect(measuredText(null, "seconds")).toBe("–");
});

test("best is only who stands clear of every other", () => {
  const cheap = result("a", { value: "1", low: "0.9", high: "1.1", n: 3 });
  const dear = result("b", { value: "3", low: "2.5", high: "3.5", n: 3 });
  const near = result("c", { value: "1.05", low: "1", high: "1.2", n: 3 });
  expect(clearBest([cheap, dear], cost, { less: true })).toBe(resultKey(cheap));
  expect(clearBest([cheap, dear, near], cost, { less: true })).toBeNull();
  expect(clearBest([cheap], cost, { less: true })).toBeNull();
});

test("outcomes are counted in words", () => {
  expect(outcomeWords({ recommended: 2, not_recommended: 1 })).toBe("2 recommended, 1 not recommended");
  expect(outcomeWords({})).toBe("–");
});
