/** What is known about a model, and what this workspace's own sessions say about it. */

import type { Model, Session } from "../lib/contract";
import { t } from "../lib/message";

/** `middleMs` is the median time of the finished sessions; null while there is none. */
export type Use = { sessions: number; finished: number; middleMs: number | null };

export function isRules(model: Model): boolean {
  return model.kind === "rules";
}

export function kindWords(model: Model): string {
  return isRules(model) ? t("Fixed rules, not AI") : t("Language model");
}

export function providerWords(model: Model): string {
  return model.provider === "builtin" ? t("Built in") : model.provider;
}

/** Rules run on this machine and cost nothing; of anything else the price is not known here. */
export function priceWords(model: Model): string {
  return isRules(model) ? t("Free") : t("Unknown");
}

export function networkWords(model: Model): string {
  return model.provider === "builtin" ? t("None: works offline") : t("Calls its provider");
}

export function pastOf(model: Model, sessions: readonly Session[]): Use {
  const own = sessions.filter((session) => session.model === model.id);
  const times = own
    .filter((session) => session.state === "done" && session.ended_at !== null)
    .map((session) => Date.parse(session.ended_at ?? "") - Date.parse(session.created_at))
    .sort((left, right) => left - right);
  return { sessions: own.length, finished: times.length, middleMs: middle(times) };
}

/** The median of numbers in rising order. */
function middle(sorted: readonly number[]): number | null {
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}
