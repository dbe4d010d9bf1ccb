/** A bake-off while it is being written: what it starts with, and what it still lacks. */

import type { NewBakeoff } from "../lib/bakeoffs";
import { choiceAt, choiceKey, choiceOf, needsPrice } from "../lib/choices";
import type { Series } from "../lib/contract";
import { typedDollars } from "../lib/dollars";
import { t } from "../lib/message";
import type { Choice } from "../lib/vault";
import { LEAST_REPEATS, MOST_ENTRIES } from "./bakeoff-words";

/** Who takes part: a model of a key, with its own settings or a preset's. */
export type Entrant = { key: string | null; preset: string | null };

export type Plan = {
  goal: string;
  series: string | null;
  entries: readonly Entrant[];
  repeats: number;
  cap: string;
};

const GOAL = t("Does a moving-average crossover beat holding on this market after fees?");
const CAP = "1.00";

export function planOf(series: string | null, keys: readonly (string | null)[]): Plan {
  const entries = keys.map((key) => ({ key, preset: null }));
  return { goal: GOAL, series, entries, repeats: LEAST_REPEATS, cap: CAP };
}

/** Those named in the address (key~model, comma between); else the default and the next one. */
export function firstEntries(choices: readonly Choice[], picked: string): (string | null)[] {
  const wanted = picked.split(",").flatMap((text) => {
    const found = choiceAt(choices, text);
    return found ? [choiceKey(found)] : [];
  });
  const others = choices.filter((choice) => choice.kind !== "rules").map(choiceKey);
  const all = [...new Set([...wanted, ...(wanted.length > 1 ? [] : others)])];
  const first: (string | null)[] = all.slice(0, wanted.length > 1 ? MOST_ENTRIES : 2);
  while (first.length < 2) first.push(null);
  return first;
}

type Read = { body: NewBakeoff | null; reason: string | null };

/** Start is never grey without a reason. */
export function readPlan(plan: Plan, choices: readonly Choice[], series: readonly Series[]): Read {
  const market = series.find((row) => row.id === plan.series);
  const entries = plan.entries.flatMap(({ key, preset }) => {
    const choice = choiceOf(choices, key);
    return choice ? [{ choice, preset }] : [];
  });
  const cap = typedDollars(plan.cap);
  if (!plan.goal.trim()) return lacking(t("Write the task first."));
  if (!market) return lacking(t("Choose a market first."));
  if (entries.length < plan.entries.length) return lacking(t("Choose a model in every row."));
  if (cap === undefined) return lacking(t("The cap is not an amount."));
  if (cap === null) return lacking(t("Set a cap: so many runs should have one."));
  if (new Set(plan.entries.map(entrantKey)).size < plan.entries.length) {
    return lacking(t("Two rows are the same: choose another model or preset in one."));
  }
  const unpriced = entries.find(({ choice }) => needsPrice(choice))?.choice;
  if (unpriced) {
    return lacking(t("The price of {model} is not known, so no cap could hold.", { model: unpriced.label }));
  }
  const { symbol, timeframe } = market;
  const chosen = entries.map(({ choice, preset }) => ({
    credential_id: choice.credential_id,
    model: choice.id,
    ...(preset ? { preset_id: preset } : {}),
  }));
  const body = { goal: plan.goal.trim(), symbol, timeframe, entries: chosen, repeats: plan.repeats, cap };
  return { body, reason: null };
}

function entrantKey({ key, preset }: Entrant): string {
  return `${key}~${preset ?? ""}`;
}

export function runsWords(plan: Plan): string {
  const runs = plan.entries.length * plan.repeats;
  return t("{count} runs in the background; you can close this page.", { count: runs });
}

function lacking(reason: string): Read {
  return { body: null, reason };
}
