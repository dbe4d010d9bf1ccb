import { expect, test } from "vitest";
import type { UsageRow } from "../lib/vault";
import { addDollars, claimedWords, everyDay, firstDay, forecast } from "./usage-words";

const NOW = Date.parse("2026-11-22T14:00:00Z");
const row = (changes: Partial<UsageRow>): UsageRow => ({
  key: "2026-11-21",
  label: "2026-11-21",
  calls: 4,
  failed: 1,
  input: 1_000,
  cache_read: 400,
  cache_write: 0,
  output: 200,
  reasoning: 50,
  cost: "0.0123",
  cached_share: 0.4,
  failed_cost: "0",
  retried_cost: "0.001",
  claimed_above: "0",
  ...changes,
});

test("a span ends today and has every day", () => {
  expect(firstDay(7, NOW)).toBe("2026-11-16");
  const days = everyDay([row({})], 7, NOW);
  expect(days.map((each) => each.day)).toHaveLength(7);
  expect(days.at(-1)).toEqual({ day: "2026-11-22", cost: "0", retried: "0" });
  expect(days.at(-2)?.cost).toBe("0.0123");
});

test("dollars are added without a float", () => {
  expect(addDollars(["0.1", "0.2", "0.000000000001"])).toBe("0.300000000001");
  expect(addDollars([])).toBe("0");
  expect(addDollars(["2", "3"])).toBe("5");
});

test("the month's end is forecast from its pace, but not on its first day", () => {
  expect(forecast("21.58", NOW)).toBe("30.00");
  expect(forecast("1", Date.parse("2026-11-01T05:00:00Z"))).toBeNull();
});

test("what a provider claims beyond what his calls can cost is told", () => {
  expect(claimedWords(undefined)).toBeNull();
  expect(claimedWords(row({}))).toBeNull();
  expect(claimedWords(row({ claimed_above: "9999.5" }))).toContain("$9,999.50 more");
});
