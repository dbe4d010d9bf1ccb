/** How far a training is, with the way to stop it; or why it gave no model. */

import { Button, Progress } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { engineStopTraining } from "../api/generated/sdk.gen";
import type { TrainingAnswer } from "../api/generated/types.gen";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import styles from "./trained.module.css";
import { isTraining, kindName } from "./trained-data";

export function TrainingLine({ training }: { training: TrainingAnswer }) {
  const client = useQueryClient();
  const stopping = useMutation({
    mutationFn: () => engineStopTraining({ path: { training_id: training.id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["trained"] }),
  });
  const { name, kind, step, error, state } = training;
  const title = `${name} · ${kindName(kind)}`;
  if (!isTraining(training)) {
    const words = state === "stopped" ? t("stopped, without a model") : error?.text;
    return (
      <p className={styles.ended}>
        <b>{title}</b>: {words}
      </p>
    );
  }
  const share = step.total > 0 ? Math.min(1, step.done / step.total) : 0;
  return (
    <div className={styles.training}>
      <span role="status">
        <b>{title}</b>: {wordsOf(training)}
      </span>
      <Button variant="default" size="compact-sm" loading={stopping.isPending} onClick={() => stopping.mutate()}>
        {t("Stop")}
      </Button>
      <Progress
        className={styles.progress ?? ""}
        value={share * 100}
        aria-label={t("How far the training is")}
        transitionDuration={200}
      />
      {stopping.error ? <p className={styles.trouble}>{explain(stopping.error)}</p> : null}
    </div>
  );
}

function wordsOf({ state, step }: TrainingAnswer): string {
  if (state === "queued") return t("waiting for a worker");
  if (step.total === 0) return t("reading the bars");
  return t("{done} of {total} fits", { done: step.done, total: step.total });
}
