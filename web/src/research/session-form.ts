/** A new session while it is being written: what the server takes, and what it still lacks. */

import type { NewSession } from "../api/generated/types.gen";
import { choiceKey, choiceOf, needsPrice } from "../lib/choices";
import type { Series } from "../lib/contract";
import { typedDollars } from "../lib/dollars";
import { formatDollars, formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import type { Choice, Estimate } from "../lib/vault";

export type Means = {
  /** Key of the choice. */
  model: string | null;
  preset: string | null;
  cap: string;
  /** Key of the choice that goes on when the model fails; null stops the session. */
  fallback: string | null;
};

export function isRules(choice: Choice | undefined): boolean {
  return choice?.kind === "rules";
}

/** Start is never grey without a reason. */
export function whyNot(
  goal: string,
  means: Means,
  choice: Choice | undefined,
  series: Series | undefined,
): string | null {
  if (!goal.trim()) return t("Write a goal first.");
  if (!choice) return t("Choose a model first.");
  if (!series) return t("Choose a market first.");
  if (isRules(choice)) return null;
  if (needsPrice(choice))
    return t("Enter the price of {model} first, or declare its server free.", { model: choice.label });
  return typedDollars(means.cap) === undefined ? t("The spend cap is not an amount.") : null;
}

export function unpriced(choice: Choice): string {
  return t("The price of {model} is not known, so no cap could hold. Enter its price, or declare its server free.", {
    model: choice.label,
  });
}

/** Only what was chosen is sent: rules take neither key nor cap. */
export function openingOf(
  goal: string,
  means: Means,
  choice: Choice,
  series: Series,
  choices: readonly Choice[],
): NewSession {
  const opening: NewSession = {
    goal: goal.trim(),
    model: choice.id,
    symbol: series.symbol,
    timeframe: series.timeframe,
  };
  if (choice.credential_id === null) return opening;
  const cap = typedDollars(means.cap);
  const fallback = choiceOf(choices, means.fallback);
  return {
    ...opening,
    credential_id: choice.credential_id,
    ...(means.preset ? { preset_id: means.preset } : {}),
    ...(cap ? { cap } : {}),
    fallback: fallback?.credential_id ? { credential_id: fallback.credential_id, model: fallback.id } : null,
  };
}

/** Whoever could go on: any other language model whose price is known. */
export function heirs(choices: readonly Choice[], model: string | null): Choice[] {
  return choices.filter(
    (choice) => choice.credential_id !== null && choiceKey(choice) !== model && (choice.price_known || choice.free),
  );
}

/** $0.18 to $0.31, 2 to 4 min (n = 30) */
export function estimateWords(estimate: Estimate, { free }: { free: boolean }): string {
  if (estimate.n === 0) return t("No session with it has ended yet, so there is no estimate.");
  const cost = free ? t("Free") : range(formatDollars(estimate.cost_low), formatDollars(estimate.cost_high));
  const time = range(minutes(estimate.minutes_low), minutes(estimate.minutes_high));
  return plural(estimate.n, "{cost}, {time} min (one session)", "{cost}, {time} min (n = {count})", { cost, time });
}

function range(low: string, high: string): string {
  return low === high ? low : t("{low} to {high}", { low, high });
}

function minutes(value: number | null | undefined): string {
  return formatNumber(value, { digits: value && value < 10 ? 1 : 0 });
}
