/** Stretches of this market that are sealed for an exam, and the tries on them: the first one counts. */

import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ExamAnswer } from "../api/generated/types.gen";
import type { Backtest } from "../lib/contract";
import { plural, t } from "../lib/message";
import { formatTime, formatUtc } from "../lib/time";
import { Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import styles from "./backtests.module.css";
import own from "./belief.module.css";
import { examsQuery } from "./belief-data";
import { BreakDialog } from "./break-dialog";
import { SealDialog } from "./seal-dialog";
import { SitDialog } from "./sit-dialog";

export function ExamPanel({ backtest, version }: { backtest: Backtest; version: string }) {
  const { data, error, refetch } = useQuery(examsQuery(backtest.series_id));
  const [sealing, setSealing] = useState(false);
  const [sitting, setSitting] = useState<ExamAnswer | null>(null);
  const [breaking, setBreaking] = useState<ExamAnswer | null>(null);
  const columns = [...COLUMNS, actionColumn(setSitting, setBreaking)];
  const seal = (
    <Button variant="default" leftSection={<IconLock size={16} aria-hidden="true" />} onClick={() => setSealing(true)}>
      {t("Seal a stretch")}
    </Button>
  );
  return (
    <Panel
      title={t("Sealed exam")}
      flush
      end={
        data?.items.length ? (
          <>
            <CsvButton name={`exams-${backtest.series.symbol}`} columns={COLUMNS} rows={data.items} />
            {seal}
          </>
        ) : null
      }
    >
      <DataTable
        label={t("Table of exams")}
        columns={columns}
        source={{ rows: data?.items, error, retry: refetch }}
        keyOf={(row) => row.id}
        trouble={t("The exams could not be read.")}
        loadingRows={2}
        empty={
          <EmptyState
            text={t(
              "Nothing of this market is sealed. Withhold its newest stretch from research now, and one version can show on it later what nobody could fit to.",
            )}
            action={seal}
          />
        }
      />
      {sealing ? <SealDialog backtest={backtest} onClose={() => setSealing(false)} /> : null}
      {sitting ? (
        <SitDialog backtest={backtest} version={version} exam={sitting} onClose={() => setSitting(null)} />
      ) : null}
      {breaking ? <BreakDialog exam={breaking} onClose={() => setBreaking(null)} /> : null}
    </Panel>
  );
}

const COLUMNS: readonly Column<ExamAnswer>[] = [
  {
    id: "state",
    title: t("State"),
    value: stateOf,
    width: "130px",
    cell: (row) => <ExamState exam={row} />,
  },
  {
    id: "from",
    title: t("From"),
    value: (row) => formatUtc(row.span.start),
    cell: (row) => <Time value={row.span.start} part="day" />,
  },
  {
    id: "to",
    title: t("To"),
    value: (row) => formatUtc(row.span.end),
    cell: (row) => <Time value={row.span.end} part="day" />,
  },
  {
    id: "before",
    title: t("Seen before"),
    value: (row) => row.tried_before,
    cell: (row) =>
      row.tried_before > 0
        ? plural(row.tried_before, "by {count} parameter set", "by {count} parameter sets")
        : t("by nobody"),
  },
  {
    id: "broken",
    title: t("Seal"),
    isSentence: true,
    value: (row) => row.broken?.reason,
    cell: ({ broken }) =>
      broken
        ? t("broken by {name}, {day}: {reason}", {
            name: broken.by,
            day: formatTime(broken.at, "day"),
            reason: broken.reason,
          })
        : t("whole"),
  },
  {
    id: "tries",
    title: t("Tries"),
    value: (row) => row.tries.length,
    cell: (row) => <Tries exam={row} />,
  },
];

type Act = (exam: ExamAnswer) => void;

function actionColumn(onSit: Act, onBreak: Act): Column<ExamAnswer> {
  return {
    id: "action",
    title: t("Sit or break it"),
    align: "end",
    cell: (row) => (
      <span className={own.actions}>
        {row.broken ? null : (
          <Button size="xs" variant="subtle" color="gray" onClick={() => onBreak(row)}>
            {t("Break the seal")}
          </Button>
        )}
        <Button size="xs" variant={stateOf(row) === "sealed" ? "filled" : "default"} onClick={() => onSit(row)}>
          {stateOf(row) === "sealed" ? t("Sit the exam") : t("Sit it again")}
        </Button>
      </span>
    ),
  };
}

function stateOf({ tries, broken }: ExamAnswer): "sealed" | "taken" | "broken" {
  return tries.length > 0 ? "taken" : broken ? "broken" : "sealed";
}

function ExamState({ exam }: { exam: ExamAnswer }) {
  switch (stateOf(exam)) {
    case "sealed":
      return <StatePill tone="good">{t("Sealed")}</StatePill>;
    case "taken":
      return <StatePill tone="info">{t("Taken")}</StatePill>;
    case "broken":
      return <StatePill tone="warn">{t("Seal broken")}</StatePill>;
  }
}

function Tries({ exam }: { exam: ExamAnswer }) {
  if (exam.tries.length === 0) return t("none");
  return (
    <span className={styles.choice}>
      {exam.tries.map((row) => (
        <Link key={row.number} className={styles.name} to="/backtests/$backtest" params={{ backtest: row.backtest_id }}>
          {row.repeated
            ? t("Try {number}, repeated", { number: row.number })
            : t("Try {number}", { number: row.number })}
        </Link>
      ))}
    </span>
  );
}
