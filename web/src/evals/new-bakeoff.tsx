/** Starts a bake-off: the task, the market, who takes part, how often, and at most for how much. */

import { Button, NumberInput, Select, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { labStartBakeoff } from "../api/generated/sdk.gen";
import type { NewBakeoff } from "../lib/bakeoffs";
import type { Series } from "../lib/contract";
import { t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import type { Choice } from "../lib/vault";
import { choicesQuery } from "../lib/vault-api";
import { Dialog } from "../ui/dialog";
import { DollarField } from "../ui/dollar-field";
import { Form } from "../ui/form";
import { LinkButton } from "../ui/link-button";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { LEAST_REPEATS, MOST_REPEATS } from "./bakeoff-words";
import { EntriesField } from "./entries-field";
import styles from "./evals.module.css";
import { firstEntries, planOf, readPlan, runsWords } from "./plan";

const MAX_GOAL = 4_000;

export function NewBakeoffDialog({ picked, onClose }: { picked: string | undefined; onClose: () => void }) {
  return (
    <Dialog title={t("New bake-off")} opened={picked !== undefined} onClose={onClose} size="lg">
      <Ready picked={picked ?? ""} onClose={onClose} />
    </Dialog>
  );
}

function Ready(props: { picked: string; onClose: () => void }) {
  const choices = useQuery(choicesQuery);
  const series = useQuery(seriesQuery);
  const trouble = choices.error ?? series.error;
  const retry = () => Promise.all([choices.refetch(), series.refetch()]);
  if (trouble) return <ErrorState error={trouble} what={t("What a bake-off needs could not be read.")} retry={retry} />;
  if (!choices.data || !series.data) return <LoadingRows rows={14} />;
  if (series.data.items.length === 0) {
    return (
      <EmptyState
        text={t("There are no candles yet, so there is nothing to be asked about.")}
        action={<LinkButton to="/data">{t("Go to Data")}</LinkButton>}
      />
    );
  }
  return <Composer {...props} choices={choices.data} series={series.data.items} />;
}

type ComposerProps = { picked: string; onClose: () => void; choices: readonly Choice[]; series: readonly Series[] };

function Composer({ picked, onClose, choices, series }: ComposerProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [plan, setPlan] = useState(() => planOf(series[0]?.id ?? null, firstEntries(choices, picked)));
  const { body, reason } = readPlan(plan, choices, series);
  const start = useMutation({
    mutationFn: (body: NewBakeoff) => labStartBakeoff({ body }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["bakeoffs"] });
      await navigate({ to: "/ai/evals/$bakeoff", params: { bakeoff: id } });
    },
  });
  const change = (part: Partial<typeof plan>) => setPlan({ ...plan, ...part });
  return (
    <Form
      label={t("New bake-off")}
      error={start.error}
      onSubmit={() => {
        if (body) start.mutate(body);
      }}
      buttons={
        <>
          <span className={styles.reason}>{reason ?? runsWords(plan)}</span>
          <Button variant="default" onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={start.isPending} disabled={!body}>
            {t("Start")}
          </Button>
        </>
      }
    >
      <Textarea
        label={t("Task")}
        description={t("The same question for all, on the same frozen data.")}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={MAX_GOAL}
        value={plan.goal}
        onChange={(event) => change({ goal: event.currentTarget.value })}
      />
      <Select
        label={t("Market and bars")}
        data={series.map((row) => ({ value: row.id, label: `${row.symbol} · ${row.timeframe} · ${row.venue}` }))}
        value={plan.series}
        onChange={(next) => change({ series: next })}
      />
      <EntriesField choices={choices} entries={plan.entries} onChange={(entries) => change({ entries })} />
      <div className={styles.pair}>
        <NumberInput
          label={t("Repeats of each")}
          description={t("Fewer than three say nothing.")}
          min={LEAST_REPEATS}
          max={MOST_REPEATS}
          clampBehavior="strict"
          allowDecimal={false}
          value={plan.repeats}
          onChange={(next) => change({ repeats: Number(next) })}
        />
        <DollarField
          label={t("Cap of it all")}
          description={t("No call is made that could pass it.")}
          value={plan.cap}
          onChange={(cap) => change({ cap })}
        />
      </div>
    </Form>
  );
}
