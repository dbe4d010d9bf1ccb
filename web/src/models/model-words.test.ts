import { expect, test } from "vitest";
import type { ComparedModel, ModelStats } from "../lib/vault";
import { best, comparedIn, isFree, modelKey, priceText, speedText, standing, toolText } from "./model-words";

const stats: ModelStats = {
  calls: 40,
  failed: 1,
  latency_ms_p50: 900,
  tokens_per_s_p50: 80,
  tool_call_success: 0.98,
  tool_calls: 120,
  session_cost_p50: "0.21",
  sessions: 6,
};
const model = (changes: Partial<ComparedModel>): ComparedModel => ({
  credential_id: "k1",
  credential: "Main",
  provider: "anthropic",
  model: "medium",
  kind: "language",
  price: {
    input: "3",
    output: "15",
    cache_read: "0.3",
    cache_write: null,
    per: "1M",
    currency: "USD",
    source: "genai-prices",
    date: "2026-11-01",
    request: "0",
    tiers: [],
  },
  price_known: true,
  context: 200_000,
  tools: true,
  streaming: true,
  effort: true,
  stats,
  ...changes,
});
const price = (row: ComparedModel) => (row.price ? Number(row.price.input) : null);

test("a price is dollars, an unknown one is a dash and never zero", () => {
  expect(priceText(model({}), "input")).toBe("$3.00");
  expect(priceText(model({ price: null, price_known: false }), "input")).toBe("–");
});

test("zero is free, and rules cost nothing", () => {
  const free = model({
    price: { ...(model({}).price as NonNullable<ComparedModel["price"]>), input: "0", output: "0" },
  });
  expect(priceText(free, "input")).toBe("Free");
  expect(isFree(free.price)).toBe(true);
  expect(priceText(model({ kind: "rules", price: null }), "output")).toBe("Free");
});

test("the cheapest is best", () => {
  const dear = model({
    model: "large",
    price: { ...(model({}).price as NonNullable<ComparedModel["price"]>), input: "5" },
  });
  const winners = best([model({}), dear], { value: price, less: true, measured: false });
  expect([...winners]).toEqual([modelKey(model({}))]);
});

test("where all are equal none is best, and one alone is no comparison", () => {
  const figure = { value: price, less: true, measured: false };
  expect(best([model({}), model({ model: "other" })], figure).size).toBe(0);
  expect(best([model({})], figure).size).toBe(0);
});

test("a figure of three calls makes nobody the best", () => {
  const few = model({ model: "fast", stats: { ...stats, calls: 3, latency_ms_p50: 100 } });
  const figure = { value: (row: ComparedModel) => row.stats?.latency_ms_p50 ?? null, less: true, measured: true };
  expect(best([model({}), few], figure).size).toBe(0);
});

test("the address holds what is compared, four at most, and forgets what is gone", () => {
  const rows = ["a", "b", "c", "d", "e"].map((name) => model({ model: name }));
  const text = `${rows.map(modelKey).join(",")},k9~gone`;
  expect(comparedIn(text, rows).map((row) => row.model)).toEqual(["a", "b", "c", "d"]);
  expect(comparedIn("k9~gone", rows)).toEqual([]);
});

test("what was never measured is a dash, and it is said why", () => {
  expect(speedText(null)).toBe("–");
  expect(toolText({ ...stats, tool_calls: 0, tool_call_success: null })).toBe("–");
  expect(standing(null)).toContain("Not used yet");
  expect(standing(stats)).toBe("40 calls of yours, 1 failed");
});
