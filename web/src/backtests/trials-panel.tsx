/** Whether the result could be luck: how often these data were tried, and the verdict on the version, reason by reason. */

import { useQuery } from "@tanstack/react-query";
import type { ReasonAnswer, Standing, TrialsAnswer } from "../api/generated/types.gen";
import type { Backtest } from "../lib/contract";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import styles from "./backtests.module.css";
import { gradeState, triesQuery, verdictQuery } from "./belief-data";

export function TrialsPanel({ backtest }: { backtest: Backtest }) {
  const { data, error, refetch } = useQuery(triesQuery(backtest));
  return (
    <>
      <Panel title={t("Tries on these data")}>
        {data ? (
          <Tries tries={data} />
        ) : error ? (
          <ErrorState error={error} what={t("The tries could not be counted.")} retry={refetch} />
        ) : (
          <LoadingRows rows={3} />
        )}
      </Panel>
      {backtest.version_id ? (
        <VerdictPanel version={backtest.version_id} />
      ) : (
        <Panel title={t("Verdict")}>
          <EmptyState text={t("A verdict is on a version. Save this document as one, and let the gate judge it.")} />
        </Panel>
      )}
    </>
  );
}

function Tries({ tries }: { tries: TrialsAnswer }) {
  const rows = [
    [t("Parameter sets tried"), formatNumber(tries.trials)],
    [t("Different ideas among them"), formatNumber(tries.clusters)],
    [t("Runs"), `${formatNumber(tries.runs)}, ${plural(tries.failed, "{count} refused", "{count} refused")}`],
    [t("Best Sharpe ratio of a day, not annualised"), formatNumber(tries.best_sharpe, { digits: 3 })],
  ] as const;
  return (
    <>
      <dl className={styles.list}>
        {rows.map(([name, text]) => (
          <Row key={name} name={name} text={text} />
        ))}
      </dl>
      <p className={styles.aside}>
        {t(
          "By anybody in the workspace, on data that overlap this run's. The best of many tries looks good by luck alone.",
        )}
      </p>
    </>
  );
}

function Row({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}

const COLUMNS: readonly Column<ReasonAnswer>[] = [
  {
    id: "grade",
    title: t("Grade"),
    value: (row) => row.grade,
    width: "110px",
    cell: (row) => <StatePill tone={gradeState(row.grade).tone}>{gradeState(row.grade).text}</StatePill>,
  },
  { id: "figure", title: t("Figure"), value: (row) => row.figure, cell: (row) => row.figure.replaceAll("_", " ") },
  { id: "text", title: t("Reason"), value: (row) => row.text, cell: (row) => row.text },
];

function VerdictPanel({ version }: { version: string }) {
  const { data, error, refetch } = useQuery(verdictQuery(version));
  const verdict = data?.verdict;
  return (
    <Panel
      title={t("Verdict")}
      flush
      beside={verdict ? <Outcome standing={data} /> : <StatePill tone="quiet">{t("None yet")}</StatePill>}
      end={<CsvButton name={`verdict-${version}`} columns={COLUMNS} rows={verdict?.reasons} />}
    >
      {data && verdict ? (
        <p className={styles.says}>
          {data.says} {t("Given on {day}.", { day: formatTime(verdict.created_at) })}
        </p>
      ) : null}
      <DataTable
        label={t("Reasons of the verdict")}
        columns={COLUMNS}
        source={{ rows: data ? (verdict?.reasons ?? []) : undefined, error, retry: refetch }}
        keyOf={(row) => `${row.figure} ${row.text}`}
        trouble={t("The verdict could not be read.")}
        loadingRows={3}
        empty={<EmptyState text={data?.says ?? ""} />}
      />
    </Panel>
  );
}

function Outcome({ standing }: { standing: Standing }) {
  if (!standing.verdict) return null;
  const { text, tone } = gradeState(standing.verdict.outcome);
  return <StatePill tone={tone}>{text}</StatePill>;
}
