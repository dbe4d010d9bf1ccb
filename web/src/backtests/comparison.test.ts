/** What the comparison says of runs: nothing that was not there, and differences to the first. */

import { expect, test } from "vitest";
import type { Backtest } from "../lib/contract";
import { difference, figuresOf, idsIn, MOST_POINTS, normalised, settingsThatDiffer } from "./comparison";

const run = (document: object, metrics: [string, number | null][], assumptions = {}) =>
  ({
    document,
    assumptions,
    series: { symbol: "BTC/USDT", timeframe: "1h", label: "", venue: "binance" },
    every: [{ symbol: "BTC/USDT", timeframe: "1h", label: "", venue: "binance" }],
    metrics: metrics.map(([name, value]) => ({ name, value, unit: "ratio", sampling: "UTC day", note: "" })),
  }) as unknown as Backtest;

test("curves begin at 1, hold between their points, and are nothing outside", () => {
  const { ts, values } = normalised([
    { ts: [10, 30], values: [200, 300] },
    { ts: [20, 40], values: [50, 25] },
  ]);
  expect(ts).toEqual([10, 20, 30, 40]);
  expect(values).toEqual([
    [1, 1, 1.5, null],
    [null, 1, 1, 0.5],
  ]);
});

test("a curve from nothing has no multiple", () => {
  expect(normalised([{ ts: [1], values: [0] }]).values).toEqual([[null]]);
  expect(normalised([{ ts: [], values: [] }]).ts).toEqual([]);
});

test("every figure that any run has stands beside the others, with its difference to the first", () => {
  const rows = figuresOf([
    run({}, [
      ["sharpe", 1],
      ["fees", 5],
    ]),
    run({}, [
      ["sharpe", 1.5],
      ["calmar", null],
    ]),
  ]);
  expect(rows.map((row) => [row.name, difference(row, 1)])).toEqual([
    ["sharpe", 0.5],
    ["fees", null],
    ["calmar", null],
  ]);
  expect(rows[0]?.sampling).toBe("UTC day");
});

test("only what differs is told, an absent setting among it", () => {
  const one = run({ name: "A", costs: { fee_bps: "10" }, universe: ["X"] }, [], { fee: "10 bps" });
  const other = run({ name: "A", costs: { fee_bps: "20" }, universe: ["X"], capital: "5" }, [], { fee: "20 bps" });
  expect(settingsThatDiffer([one, other])).toEqual([
    { place: "/costs/fee_bps", values: ["10", "20"] },
    { place: "assumed: fee", values: ["10 bps", "20 bps"] },
    { place: "/capital", values: [undefined, "5"] },
  ]);
});

test("an address names up to four runs, each once", () => {
  const id = (digit: number) => `0000000${digit}-0000-0000-0000-000000000000`;
  expect(idsIn([1, 2, 1, 3, 4, 5].map(id).join(","))).toEqual([1, 2, 3, 4].map(id));
  expect(idsIn("x,,../etc")).toEqual([]);
});

test("more moments than a screen has are thinned, their ends kept", () => {
  const ts = Array.from({ length: 3_333 }, (_, index) => index);
  const thin = normalised([{ ts, values: ts.map((at) => at + 1) }]);
  expect(thin.ts).toHaveLength(MOST_POINTS);
  expect([thin.ts[0], thin.ts.at(-1), thin.values[0]?.at(-1)]).toEqual([0, 3_332, 3_333]);
  expect(new Set(thin.ts).size).toBe(MOST_POINTS);
});
