import { expect, test } from "vitest";
import type { Step } from "./session-state";
import { barAt, moved, ticks, traceOf, zoomed } from "./trace";

function step(number: number, kind: "model" | "tool", started_ms: number, duration_ms: number): Step {
  return {
    ...{ number, kind, started_ms, duration_ms, name: `n${number}`, title: `t${number}`, input: {}, attempt: 1 },
    ...{ preview: "", thought: "", evidence: undefined, error: "", troubles: [], stale: false, ok: true },
    ...{ tokens_in: 0, tokens_out: 0, cost: "0" },
  };
}

test("tools stand under the answer that called them, failed tries under their step", () => {
  const tried = {
    ...step(2, "tool", 1_000, 500),
    troubles: [
      { seq: 9, ts: new Date(1_200).toISOString(), kind: "retry", failure: "busy", text: "", wait_s: 0.1 } as const,
    ],
  };
  const { rows } = traceOf([step(1, "model", 0, 1_000), tried, step(3, "model", 1_500, 100)], 0);
  expect(rows.map((row) => [row.name, row.depth, row.from, row.to])).toEqual([
    ["t1", 0, 0, 1_000],
    ["n2", 1, 1_000, 1_500],
    ["busy", 2, 1_000, 1_200],
    ["t3", 0, 1_500, 1_600],
  ]);
});

test("a wait of days is cut short, and how much was left out is known", () => {
  const day = 86_400_000;
  const { rows, cuts, length } = traceOf([step(1, "model", 0, 1_000), step(2, "model", day, 1_000)], 0);
  expect(rows[1]?.from).toBe(3_000);
  expect(length).toBe(4_000);
  expect(cuts).toEqual([{ at: 1_000, left_out_ms: day - 3_000 }]);
});

test("zooming stays within the session and about its point", () => {
  const near = zoomed({ from: 0, to: 1_000 }, 1_000, 0.5, 1);
  expect(near).toEqual({ from: 500, to: 1_000 });
  expect(moved(near, 1_000, 0.5)).toEqual(near);
  expect(moved(near, 1_000, -0.5)).toEqual({ from: 250, to: 750 });
  expect(zoomed(near, 1_000, 100)).toEqual({ from: 0, to: 1_000 });
});

test("what is out of sight is clipped, and labels stand at round lengths", () => {
  expect(barAt({ from: 0, to: 750 }, { from: 500, to: 1_000 })).toEqual({ left: 0, width: 50 });
  expect(ticks({ from: 0, to: 1_000 })).toEqual([0, 200, 400, 600, 800, 1_000]);
});
