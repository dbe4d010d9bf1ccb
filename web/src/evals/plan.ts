/** A bake-off while it is being written: what it starts with, and what it still lacks. */

import type { NewBakeoff } from "../lib/bakeoffs";
import { choiceAt, choiceKey, choiceOf } from "../lib/choices";
import type { Series } from "../lib/contract";
import { typedDollars } from "../lib/dollars";
import { t } from "../lib/message";
import type { Choice } from "../lib/vault";
import { LEAST_REPEATS, MOST_ENTRIES } from "./bakeoff-words";

export type Plan = {
  goal: string;
  series: string | null;
  entries: (string | null)[];
  repeats: number;
  cap: string;
};

const GOAL = t("Does a moving-average crossover beat holding on this market after fees?");
const CAP = "1.00";

export function planOf(series: string | null, entries: (string | null)[]): Plan {
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
  const entries = plan.entries.flatMap((key) => choiceOf(choices, key) ?? []);
  const cap = typedDollars(plan.cap);
  if (!plan.goal.trim()) return lacking(t("Write the task first."));
  if (!market) return lacking(t("Choose a market first."));
  if (entries.length < plan.entries.length) return lacking(t("Choose a model in every row."));
  if (cap === undefined) return lacking(t("The cap is not an amount."));
  if (cap === null) return lacking(t("Set a cap: so many runs should have one."));
  const unpriced = entries.find((each) => !each.price_known && !each.free && each.kind !== "rules");
  if (unpriced) {
    return lacking(t("The price of {model} is not known, so no cap could hold.", { model: unpriced.label }));
  }
  const { symbol, timeframe } = market;
  const chosen = entries.map((each) => ({ credential_id: each.credential_id, model: each.id }));
  const body = { goal: plan.goal.trim(), symbol, timeframe, entries: chosen, repeats: plan.repeats, cap };
  return { body, reason: null };
}

export function runsWords(plan: Plan): string {
  const runs = plan.entries.length * plan.repeats;
  return t("{count} runs in the background; you can close this page.", { count: runs });
}

function lacking(reason: string): Read {
  return { body: null, reason };
}
