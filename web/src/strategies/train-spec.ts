/** What a person asks of a training: features as lines, what is predicted, and which kind of model learns it. */

import type { Series } from "../lib/contract";
import { ApiError } from "../lib/http";

export type ModelKind = "logistic" | "ridge" | "forest" | "boosting";
export type Wish = {
  name: string;
  /** A line each: `name = expression`. */
  features: string;
  label: "forward_return" | "triple_barrier";
  bars: number;
  /** Percent of the price. */
  up: number;
  down: number;
  task: "classify" | "regress";
  kind: ModelKind;
};

const FIELDS = ["series_id", "start", "end", "name", "features", "target", "model"];

export const FIRST_WISH: Wish = {
  name: "Will it rise",
  features: [
    "momentum = close / lag(close, 24) - 1",
    "strength = rsi(close, 14)",
    "width = atr(14) / close",
    "trend = close / sma(close, 100) - 1",
  ].join("\n"),
  label: "forward_return",
  bars: 12,
  up: 3,
  down: 3,
  task: "classify",
  kind: "boosting",
};

/** The kinds that learn a task: a probability, or a return. */
export function kindsOf(task: Wish["task"]): readonly ModelKind[] {
  return [task === "classify" ? "logistic" : "ridge", "forest", "boosting"];
}

/** The same wish for another task; a kind that does not learn it gives way to the one that stands in its place. */
export function withTask(wish: Wish, task: Wish["task"]): Wish {
  const kinds = kindsOf(task);
  return { ...wish, task, kind: kinds.includes(wish.kind) ? wish.kind : (kinds[0] ?? "boosting") };
}

/** As the API takes it: for the symbol and the bars of the series that it learns from. */
export function specOf(wish: Wish, series: Pick<Series, "symbol" | "timeframe">): Record<string, unknown> {
  const { name, label, bars, up, down, task, kind } = wish;
  const barriers = { up: percent(up), down: percent(down) };
  return {
    schema: "omc-model/1",
    name,
    universe: [series.symbol],
    timeframe: series.timeframe,
    features: featuresOf(wish.features),
    target: { kind: label, bars, ...(label === "triple_barrier" ? barriers : {}) },
    task,
    model: { kind },
  };
}

function percent(value: number): { kind: string; value: string } {
  return { kind: "percent", value: String(value) };
}

/** What cannot be read is sent as it stands: the server says what is wrong with it. */
export function featuresOf(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.search(/(?<![<>=!])=(?!=)/);
      return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/** Which field a refusal is about; null where it is about none of them. */
export function trainFieldOf(error: unknown): string | null {
  const [, first = ""] = error instanceof ApiError ? (error.place ?? "").split(/[/:]/) : [];
  return FIELDS.includes(first) ? first : null;
}
