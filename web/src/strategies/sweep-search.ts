/** What a person asks of a sweep: values by parameter, how they are tried, and how many combinations that makes. */

import { formatNumber } from "../lib/format";
import { ApiError } from "../lib/http";
import { plural, t } from "../lib/message";

export type How = "kept" | "range" | "list";
export type Method = "grid" | "sample" | "optuna" | "walk";
export type Fitted = "anchored" | "rolling";
/** One parameter as it is typed; the server reads it, and says what it cannot read. */
export type Varied = { how: How; low: string; high: string; step: string; list: string };
export type Search = {
  varied: Readonly<Record<string, Varied>>;
  method: Method;
  tries: number;
  seed: number;
  fresh: boolean;
  percent: number;
  windows: number;
  kind: Fitted;
  purge: number;
  embargo: number;
};

/** A walk-forward of a plan nobody changed is that of the terminal. */
const PLAN = { windows: 6, kind: "anchored", purge: 1, embargo: 0 } as const;

/** As the server counts: an end that floats miss by a hair is included. */
const HAIR = 1e-9;
const FIELDS = ["series_id", "start", "end", "sample", "tries", "seed", "train", "windows", "purge", "embargo"];

export function parametersOf(document: Record<string, unknown>): Readonly<Record<string, number>> {
  const given = Object.entries(document.parameters ?? {});
  return Object.fromEntries(given.map(([name, value]) => [name, Number(value)]));
}

export function firstSearch(parameters: Readonly<Record<string, number>>): Search {
  const varied = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, aroundOf(value)]));
  return { varied, method: "grid", tries: 100, seed: 0, fresh: false, percent: 70, ...PLAN };
}

/** Kept as it is; the range that is offered lies around the document's value, five values wide. */
export function aroundOf(value: number): Varied {
  const quarter = Math.abs(value) / 4;
  const step = Number.isInteger(value) ? Math.max(1, Math.round(quarter)) : Number(quarter.toPrecision(1));
  const low = value > 0 ? Math.max(step, value - 2 * step) : value - 2 * step;
  const high = value + 2 * step;
  const list = [low, value, high].map(plainly).join(", ");
  return { how: "kept", low: plainly(low), high: plainly(high), step: plainly(step), list };
}

function plainly(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Only what is varied, as the API takes it. */
export function valuesOf({ varied }: Search): Record<string, string> {
  return Object.fromEntries(
    Object.entries(varied).flatMap(([name, one]) => {
      if (one.how === "kept") return [];
      return [[name, one.how === "list" ? one.list : `${one.low}:${one.high}:${one.step}`]];
    }),
  );
}

/** How many values a parameter takes; null while that cannot be read. */
export function countOf({ how, low, high, step, list }: Varied): number | null {
  if (how === "kept") return 1;
  const numbers = (how === "list" ? list.split(",") : [low, high, step]).map(numberOf);
  if (!numbers.every((one) => one !== null)) return null;
  if (how === "list") return new Set(numbers).size;
  const [from = 0, to = 0, by = 0] = numbers;
  return by > 0 && to >= from ? Math.floor((to - from) / by + HAIR) + 1 : null;
}

function numberOf(text: string): number | null {
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : null;
}

/** How the combinations are tried, as the API takes it. */
export function methodOf({ method, tries, seed, fresh }: Search): {
  sample?: number;
  tries?: number;
  seed?: number;
  fresh?: boolean;
} {
  const again = fresh ? { fresh } : {};
  if (method === "sample") return { sample: tries, seed, ...again };
  return method === "optuna" ? { tries, seed, ...again } : again;
}

/** How the windows of a walk-forward are cut, as the API takes it. */
export function planOf({ windows, kind, purge, embargo }: Search): {
  windows: number;
  kind: Fitted;
  purge: number;
  embargo: number;
} {
  return { windows, kind, purge, embargo };
}

/** How many combinations that are, and that each of them counts. */
export function countWords(search: Search): string {
  const varied = Object.values(search.varied).filter(({ how }) => how !== "kept");
  if (varied.length === 0) return t("Nothing is varied yet: give a parameter a range or a list of values.");
  const counts = varied.flatMap((one) => countOf(one) ?? []);
  if (counts.length < varied.length) return t("How many combinations that are shows once each range can be read.");
  const whole = counts.reduce((product, count) => product * count, 1);
  const product = counts.length > 1 ? `${counts.join(" × ")} = ` : "";
  const grid = product + plural(whole, "{count} combination", "{count} combinations");
  if (search.method === "walk") return t("{grid}, fitted in each window. Each counts as a trial.", { grid });
  if (search.method === "grid" || search.tries >= whole) return t("{grid}. Each counts as a trial.", { grid });
  const tried = formatNumber(search.tries);
  return search.method === "sample"
    ? t("{tried} of {grid}, at random. Each that is tried counts as a trial.", { tried, grid })
    : t("{tried} of {grid}, each learned from the training. Each that is tried counts as a trial.", { tried, grid });
}

/** Which field a refusal is about: `/values/fast`, `/train`; null where it is about none of them. */
export function fieldOf(error: unknown): string | null {
  const place = error instanceof ApiError ? (error.place ?? "") : "";
  if (!place) return null;
  const [, first = "", name = ""] = place.startsWith("/") ? place.split("/") : ["", "values", place];
  if (first === "values" || first === "parameters") return `/values/${name}`;
  return FIELDS.includes(first) ? `/${first}` : null;
}
