/** What the screens of trained models read, and how their figures are called. */

import { queryOptions } from "@tanstack/react-query";
import { engineModel, engineModels, engineTraining, engineTrainings } from "../api/generated/sdk.gen";
import type { ModelLineAnswer, ScoresAnswer, TrainingAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";

export const trainedQuery = queryOptions({
  queryKey: ["trained"],
  queryFn: ({ signal }) => engineModels({ signal }),
});

export const trainedOneQuery = (hash: string) =>
  queryOptions({
    queryKey: ["trained", hash],
    queryFn: ({ signal }) => engineModel({ path: { hash_: hash }, signal }),
    staleTime: Number.POSITIVE_INFINITY, // what has a hash never changes
  });

const RUNNING_EVERY_MS = 1_000;

export const trainingsQuery = queryOptions({
  queryKey: ["trained", "trainings"],
  queryFn: ({ signal }) => engineTrainings({ signal }),
  refetchInterval: (query) => (query.state.data?.items.some(isTraining) ? RUNNING_EVERY_MS : false),
});

export const trainingQuery = (id: string) =>
  queryOptions({
    queryKey: ["trained", "trainings", id],
    queryFn: ({ signal }) => engineTraining({ path: { training_id: id }, signal }),
    refetchInterval: (query) => (!query.state.data || isTraining(query.state.data) ? RUNNING_EVERY_MS : false),
  });

export function isTraining(row: Pick<TrainingAnswer, "state">): boolean {
  return row.state === "queued" || row.state === "running";
}

/** What is drawn of a feature: a length from -1 to 1 of the longest of all. */
export type Length = { feature: string; value: number; length: number };

export function lengthsOf(values: readonly { feature: string; value: number }[]): Length[] {
  const longest = Math.max(...values.map((one) => Math.abs(one.value)), 0);
  return values.map((one) => ({ ...one, length: longest > 0 ? one.value / longest : 0 }));
}

/** The figure that says how well a fold was predicted. */
export function skillOf(scores: ScoresAnswer): number | null {
  return scores.auc ?? scores.ic;
}

export function skillName(task: ModelLineAnswer["task"]): string {
  return task === "classify" ? t("AUC") : t("Rank correlation");
}

export function predictedName(task: ModelLineAnswer["task"]): string {
  return task === "classify" ? t("A probability") : t("A return");
}

export function kindName(kind: string): string {
  switch (kind) {
    case "logistic":
      return t("Logistic regression");
    case "ridge":
      return t("Ridge regression");
    case "forest":
      return t("Random forest");
    case "boosting":
      return t("Gradient boosting");
    default:
      return kind;
  }
}
