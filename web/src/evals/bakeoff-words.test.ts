import { expect, test } from "vitest";
import type { BakeoffResult } from "../lib/bakeoffs";
import { clearBest, measuredParts, outcomeWords, resultKey } from "./bakeoff-words";

const result = (model: string, cost: BakeoffResult["cost"]): BakeoffResult => ({
  credential_id: "k",
  credential: "Main",
  provider: "openai",
  model,
  preset_id: null,
  preset: null,
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
  const share = measuredParts({ value: 0.91, low: 0.83, high: 0.96, n: 30 }, "share");
  expect(share).toEqual({ middle: "91 %", range: "(83 % to 96 %)" });
  const one = measuredParts({ value: "0.21", low: null, high: null, n: 1 }, "dollars");
  expect(one).toEqual({ middle: "$0.21", range: null });
  expect(measuredParts(null, "seconds")).toEqual({ middle: "–", range: null });
});

test("an interval that is one point says nothing more", () => {
  expect(measuredParts({ value: 16, low: 16, high: 16, n: 3 }, "count")).toEqual({ middle: "16", range: null });
  expect(measuredParts({ value: "0", low: "0", high: "0", n: 3 }, "dollars")).toEqual({ middle: "Free", range: null });
});

test("best is only who stands clear of every other", () => {
  const cheap = result("a", { value: "1", low: "0.9", high: "1.1", n: 3 });
  const dear = result("b", { value: "3", low: "2.5", high: "3.5", n: 3 });
  const near = result("c", { value: "1.05", low: "1", high: "1.2", n: 3 });
  expect(clearBest([cheap, dear], cost, { less: true })).toBe(resultKey(cheap));
  expect(clearBest([cheap, dear, near], cost, { less: true })).toBeNull();
  expect(clearBest([cheap], cost, { less: true })).toBeNull();
  const careful = { ...result("a", { value: "3", low: "2.5", high: "3.5", n: 3 }), preset_id: "p", preset: "Careful" };
  expect(clearBest([cheap, careful], cost, { less: true })).toBe(resultKey(cheap));
  expect(resultKey(careful)).not.toBe(resultKey(cheap));
});

test("outcomes are counted in words", () => {
  expect(outcomeWords({ recommended: 2, not_recommended: 1 })).toBe("2 recommended, 1 not recommended");
  expect(outcomeWords({})).toBe("–");
});
