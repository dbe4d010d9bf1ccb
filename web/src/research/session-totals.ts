/** A session's sums over its steps. */

export type Counted = {
  kind: "model" | "tool";
  ok: boolean | undefined;
  duration_ms: number | undefined;
  tokens_in: number;
  tokens_out: number;
  /** Dollars as text; empty when unknown. */
  cost: string;
};

export type Totals = {
  finished: number;
  failed: number;
  tools: number;
  models: number;
  model_ms: number;
  tokens_in: number;
  tokens_out: number;
  /** Whole micro-dollars: sums of decimals without rounding. */
  cost_micro: number;
  /** Steps whose cost nobody knows. */
  unpriced: number;
};

export const NO_TOTALS: Totals = {
  finished: 0,
  failed: 0,
  tools: 0,
  models: 0,
  model_ms: 0,
  tokens_in: 0,
  tokens_out: 0,
  cost_micro: 0,
  unpriced: 0,
};

export function add(totals: Totals, step: Counted, sign: 1 | -1 = 1): Totals {
  const micro = microDollars(step.cost);
  return {
    finished: totals.finished + sign,
    failed: totals.failed + (step.ok ? 0 : sign),
    tools: totals.tools + (step.kind === "tool" ? sign : 0),
    models: totals.models + (step.kind === "model" ? sign : 0),
    model_ms: totals.model_ms + (step.kind === "model" ? sign * (step.duration_ms ?? 0) : 0),
    tokens_in: totals.tokens_in + sign * step.tokens_in,
    tokens_out: totals.tokens_out + sign * step.tokens_out,
    cost_micro: totals.cost_micro + sign * (micro ?? 0),
    unpriced: totals.unpriced + (step.kind === "model" && micro === undefined ? sign : 0),
  };
}

export function subtract(totals: Totals, step: Counted): Totals {
  return add(totals, step, -1);
}

/** Dollars as text to whole micro-dollars, rounded up: a cost is never shown smaller than it is. */
export function microDollars(dollars: string): number | undefined {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(dollars);
  if (!match) return undefined;
  const digits = (match[2] ?? "").padEnd(6, "0");
  const more = /[1-9]/.test(digits.slice(6)) ? 1 : 0;
  return Number(match[1]) * 1_000_000 + Number(digits.slice(0, 6)) + more;
}
