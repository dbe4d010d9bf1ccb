/** The form of a training: candles and days, features, what is predicted of each bar, and what learns it. */

import { Button, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { engineAskTraining } from "../api/generated/sdk.gen";
import type { Series } from "../lib/contract";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Form } from "../ui/form";
import { CandlesChoice } from "./candles-choice";
import { spanOf } from "./run-span";
import { SpanFields } from "./span-fields";
import styles from "./sweep.module.css";
import { FIRST_WISH, specOf, trainFieldOf, type Wish } from "./train-spec";
import { TargetFields } from "./train-target";
import { trainingsQuery } from "./trained-data";
import { useCandles } from "./use-candles";

type TrainFormProps = { series: readonly Series[]; onAsked: (id: string) => void; onClose: () => void };

export function TrainForm({ series, onAsked, onClose }: TrainFormProps) {
  const [wish, setWish] = useState(FIRST_WISH);
  const [days, setDays] = useState({ first: "", last: "" });
  const candles = useCandles(series, null, { isAlone: true });
  const asking = useAsking(onAsked);
  const at = trainFieldOf(asking.error);
  const errorAt = (field: string) => (at === field ? explain(asking.error) : undefined);
  const change = (part: Partial<Wish>) => setWish({ ...wish, ...part });
  const [one] = candles.series;
  const ask = () => {
    if (one && !asking.isPending) asking.mutate({ spec: specOf(wish, one), series_id: one.id, ...spanOf(days) });
  };
  return (
    <Form
      label={t("Training")}
      onSubmit={ask}
      error={at === null ? asking.error : null}
      buttons={
        <>
          <Button variant="default" onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button type="submit" disabled={!one} loading={asking.isPending}>
            {t("Train")}
          </Button>
        </>
      }
    >
      <TextInput
        label={t("Name")}
        error={errorAt("name")}
        value={wish.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <CandlesChoice candles={candles} error={errorAt("series_id")} />
      <SpanFields
        days={days}
        onChange={setDays}
        extent={candles.extent}
        errors={{ first: errorAt("start"), last: errorAt("end") }}
      />
      <Textarea
        label={t("Features")}
        description={t("A line each, name = expression, in the language of strategies")}
        autosize
        minRows={3}
        maxRows={10}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--omc-mono)", fontSize: 13 } }}
        error={errorAt("features")}
        value={wish.features}
        onChange={(event) => change({ features: event.currentTarget.value })}
      />
      <TargetFields wish={wish} onChange={setWish} errors={{ target: errorAt("target"), model: errorAt("model") }} />
      <p className={styles.dim}>
        {t(
          "Each training counts as a trial. The model says something of bars after the last day only: leave some to test on.",
        )}
      </p>
    </Form>
  );
}

type Asked = Parameters<typeof engineAskTraining>[0]["body"];

function useAsking(onAsked: (id: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Asked) => engineAskTraining({ body }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: trainingsQuery.queryKey });
      onAsked(id);
    },
  });
}
