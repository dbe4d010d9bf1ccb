/** The newest verdict on a version, reason by reason; what is to be done where there is none. */

import type { ReactNode } from "react";
import type { ReasonAnswer, Standing, VerdictAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import { CsvButton } from "./csv-button";
import { type Column, DataTable } from "./data-table";
import { metricName } from "./metric";
import { Panel } from "./panel";
import { StatePill, type Tone } from "./state-pill";
import { EmptyState } from "./states";
import styles from "./verdict-panel.module.css";

function gradeState(grade: VerdictAnswer["outcome"]): { text: string; tone: Tone } {
  switch (grade) {
    case "pass":
      return { text: t("Pass"), tone: "good" };
    case "weak":
      return { text: t("Weak"), tone: "warn" };
    case "fail":
      return { text: t("Fail"), tone: "bad" };
  }
}

/** The figures that have no name of their own among a backtest's. */
const FIGURES: Record<string, string> = {
  out_of_sample_return: t("Return out of sample"),
  out_of_sample_sharpe: t("Sharpe out of sample"),
  sharpe_low: t("Interval of the Sharpe"),
  deflated_sharpe: t("Luck of many tries"),
  pbo: t("Overfitting"),
  lost_paths: t("Cross-validation"),
  track_record_met: t("Length of the record"),
  look_ahead_found: t("Look-ahead"),
  warm_up_stable: t("Warm-up"),
  cost_break_even: t("Costs it survives"),
  plateau_share: t("Neighbouring parameters"),
  random_entry_p: t("Random entries"),
  out_in_ratio: t("Out over in sample"),
  exam_return: t("Return in the exam"),
  exam_sharpe: t("Sharpe in the exam"),
  exam_repeated: t("Repeated exam"),
  exam_seen_before: t("Exam seen before"),
};

const COLUMNS: readonly Column<ReasonAnswer>[] = [
  {
    id: "grade",
    title: t("Grade"),
    value: (row) => row.grade,
    width: "100px",
    cell: (row) => <GradePill grade={row.grade} />,
  },
  {
    id: "figure",
    title: t("Figure"),
    value: (row) => row.figure,
    width: "190px",
    cell: (row) => FIGURES[row.figure] ?? metricName(row.figure),
  },
  { id: "text", title: t("Reason"), isSentence: true, value: (row) => row.text, cell: (row) => row.text },
];

const NOBODY_ASKED = t(
  "Nobody asked yet whether this version can be believed. The checks take some seconds and count as one try.",
);

type VerdictPanelProps = {
  /** Undefined while it is read. */
  standing: Standing | undefined;
  error: unknown;
  retry: () => unknown;
  /** Names the CSV. */
  name: string;
  /** A new one is under way. */
  isAsked?: boolean;
  /** What can be done about it: a button, how far a new one is. */
  children?: ReactNode;
};

export function VerdictPanel({ standing, error, retry, name, isAsked = false, children }: VerdictPanelProps) {
  const verdict = standing?.verdict;
  const pill = verdict ? <GradePill grade={verdict.outcome} /> : <StatePill tone="quiet">{t("None yet")}</StatePill>;
  return (
    <Panel
      title={t("Verdict")}
      flush
      beside={standing ? pill : null}
      end={<CsvButton name={`verdict-${name}`} columns={COLUMNS} rows={verdict?.reasons} />}
    >
      {verdict ? <p className={styles.says}>{lead(verdict)}</p> : null}
      {children}
      <DataTable
        label={t("Reasons of the verdict")}
        columns={COLUMNS}
        source={{ rows: standing ? (verdict?.reasons ?? []) : undefined, error, retry }}
        keyOf={(row) => `${row.figure} ${row.text}`}
        trouble={t("The verdict could not be read.")}
        loadingRows={6}
        empty={<EmptyState text={isAsked ? t("The reasons stand here when all checks are done.") : NOBODY_ASKED} />}
      />
    </Panel>
  );
}

function GradePill({ grade }: { grade: VerdictAnswer["outcome"] }) {
  const { text, tone } = gradeState(grade);
  return <StatePill tone={tone}>{text}</StatePill>;
}

function lead({ outcome, created_at, reasons }: VerdictAnswer): string {
  const words = {
    pass: t("All that was checked speaks for it: it may trade on paper."),
    weak: t("Not enough speaks for it yet. What is thin or missing stands first."),
    fail: t("What stands first speaks against it. Mend that before anything is put on it."),
  };
  const against = reasons.filter((row) => row.grade !== "pass").length;
  return `${words[outcome]} ${t("{against} of {all} reasons are not a pass.", { against, all: reasons.length })} ${t(
    "Given on {day}.",
    { day: formatTime(created_at) },
  )}`;
}
