/** Asks for a verdict on the version, on the data of this run; then how far its checks are, or why there is none. */

import { Button, Progress } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { engineRequestValidation } from "../api/generated/sdk.gen";
import type { ValidationAnswer } from "../api/generated/types.gen";
import type { Backtest } from "../lib/contract";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import styles from "./belief.module.css";
import { isChecking, validationsQuery } from "./belief-data";

type AskVerdictProps = {
  backtest: Backtest;
  version: string;
  /** The newest that was asked for. */
  newest: ValidationAnswer | undefined;
  /** There is a verdict already. */
  again: boolean;
};

export function AskVerdict({ backtest, version, newest, again }: AskVerdictProps) {
  const client = useQueryClient();
  const asking = useMutation({
    mutationFn: () =>
      engineRequestValidation({
        body: {
          version_id: version,
          series_ids: backtest.every.map((row) => row.id),
          ...(backtest.span ? { start: backtest.span.start, end: backtest.span.end } : {}),
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: validationsQuery(version).queryKey }),
  });
  if (newest && isChecking(newest)) return <Steps validation={newest} />;
  const refused = asking.error ? explain(asking.error) : newest?.state === "failed" ? newest.error?.text : null;
  return (
    <div className={styles.ask}>
      {refused ? (
        <p className={styles.trouble} role="alert">
          {t("No verdict could be given:")} {refused}
        </p>
      ) : (
        <p className={styles.dim}>
          {again
            ? t("Asked again, it is judged with all that was tried since. It counts as one more try.")
            : t("Look-ahead, warm-up, walk-forward, cross-validation, costs, neighbours and luck, on this run's data.")}
        </p>
      )}
      <Button variant={again ? "default" : "filled"} loading={asking.isPending} onClick={() => asking.mutate()}>
        {again ? t("Ask again") : t("Ask for a verdict")}
      </Button>
    </div>
  );
}

function Steps({ validation: { state, step } }: { validation: ValidationAnswer }) {
  const share = step.total > 0 ? Math.min(1, step.done / step.total) : 0;
  const words =
    state === "queued"
      ? t("Waiting for a worker")
      : step.name
        ? t("{step}: {done} of {total}", { step: step.name, done: step.done, total: step.total })
        : t("Reading the bars");
  return (
    <div className={styles.steps} role="status">
      <span>{words.charAt(0).toUpperCase() + words.slice(1)}</span>
      <Progress value={share * 100} aria-label={t("How far this check is")} transitionDuration={200} />
    </div>
  );
}
