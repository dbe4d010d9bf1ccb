/** The trained models: how well each does on bars that it was not fitted on, and from when on it may decide. */

import { IconBinaryTree } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ModelLineAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { Age, Mono, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { TrainButton } from "./train-button";
import styles from "./trained.module.css";
import { isTraining, kindName, predictedName, trainedQuery, trainingsQuery } from "./trained-data";
import { TrainingLine } from "./training-line";

const COLUMNS: readonly Column<ModelLineAnswer>[] = [
  {
    id: "name",
    title: t("Model"),
    value: (row) => row.name,
    cell: (row) => (
      <Link className={styles.name} to="/strategies/models/$model" params={{ model: row.hash }} data-row="">
        {row.name}
      </Link>
    ),
  },
  { id: "kind", title: t("Kind"), value: (row) => row.kind, cell: (row) => kindName(row.kind) },
  { id: "task", title: t("Predicts"), value: (row) => row.task, cell: (row) => predictedName(row.task) },
  {
    id: "skill",
    title: t("Skill, unseen bars"),
    align: "end",
    value: (row) => row.skill,
    cell: (row) => formatNumber(row.skill, { digits: 2 }),
  },
  {
    id: "fitted",
    title: t("Fitted bars"),
    align: "end",
    value: (row) => row.skill_fitted,
    cell: (row) => formatNumber(row.skill_fitted, { digits: 2 }),
  },
  {
    id: "known",
    title: t("May decide after"),
    align: "end",
    value: (row) => row.known_until,
    cell: (row) => <Time value={row.known_until} />,
  },
  {
    id: "created",
    title: t("Trained"),
    align: "end",
    value: (row) => row.created_at,
    cell: (row) => <Age value={row.created_at} />,
  },
];

export function TrainedPanel() {
  const { data, error, refetch } = useQuery(trainedQuery);
  return (
    <Panel
      title={t("Trained models")}
      flush
      end={
        <>
          <TrainButton />
          <CsvButton name="trained-models" columns={COLUMNS} rows={data?.items} />
        </>
      }
    >
      <Underway />
      <DataTable
        label={t("Trained models")}
        columns={COLUMNS}
        source={{ rows: data?.items, error, retry: refetch }}
        keyOf={(row) => row.hash}
        trouble={t("The trained models could not be read.")}
        loadingRows={2}
        empty={
          <EmptyState
            icon={<IconBinaryTree size={22} />}
            text={
              <>
                {t("No model yet. Train one here, or on the command line; strategies use it like a column:")}{" "}
                <Mono>omc train model.json</Mono>
              </>
            }
          />
        }
      />
    </Panel>
  );
}

/** What is being trained, and of the last one why it gave no model; what gave one stands below. */
function Underway() {
  const { data } = useQuery(trainingsQuery);
  const client = useQueryClient();
  const done = data?.items.filter((row) => row.state === "done").length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one more is done, so there is one more model
  useEffect(() => {
    client.invalidateQueries({ queryKey: trainedQuery.queryKey, exact: true });
  }, [client, done]);
  const shown = data?.items.filter((row, index) => isTraining(row) || (index === 0 && row.state !== "done")) ?? [];
  return shown.length > 0 ? (
    <div className={styles.underway}>
      {shown.map((row) => (
        <TrainingLine key={row.id} training={row} />
      ))}
    </div>
  ) : null;
}
