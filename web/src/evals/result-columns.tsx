/** The columns of a bake-off's result, on the page and in the file. */

import { Link } from "@tanstack/react-router";
import type { BakeoffResult, Measured } from "../lib/bakeoffs";
import type { Cell } from "../lib/csv";
import { t } from "../lib/message";
import { providerLabel } from "../lib/provider-words";
import type { Column } from "../ui/data-table";
import { ProviderMark } from "../ui/provider-mark";
import { StatePill } from "../ui/state-pill";
import { clearBest, measuredParts, outcomeWords, resultKey, type Unit } from "./bakeoff-words";
import styles from "./evals.module.css";

type Line = { id: string; title: string; unit: Unit; less: boolean; value: (row: BakeoffResult) => Measured };

const LINES: readonly Line[] = [
  {
    id: "evidence_validity",
    title: t("Evidence valid"),
    unit: "share",
    less: false,
    value: (row) => row.evidence_validity,
  },
  {
    id: "tool_calls",
    title: t("Tool calls succeed"),
    unit: "share",
    less: false,
    value: (row) => row.tool_success,
  },
  { id: "steps", title: t("Steps"), unit: "count", less: true, value: (row) => row.steps },
  { id: "seconds", title: t("Time"), unit: "seconds", less: true, value: (row) => row.seconds },
  { id: "cost", title: t("Cost of a run"), unit: "dollars", less: true, value: (row) => row.cost },
];

export function resultColumns(rows: readonly BakeoffResult[]): Column<BakeoffResult>[] {
  return [
    { id: "model", title: t("Model"), value: (row) => row.model, cell: (row) => <Named row={row} />, width: "190px" },
    ...LINES.map((line) => measuredColumn(line, rows)),
    {
      id: "outcome",
      title: t("Outcome"),
      value: (row) => outcomeWords(row.verdicts),
      cell: (row) => outcomeWords(row.verdicts),
    },
    { id: "runs", title: t("Runs"), align: "end", value: (row) => row.finished, cell: (row) => <Runs row={row} /> },
  ];
}

function measuredColumn(line: Line, rows: readonly BakeoffResult[]): Column<BakeoffResult> {
  const winner = clearBest(rows, line.value, line);
  return {
    id: line.id,
    title: line.title,
    align: "end",
    value: (row) => line.value(row)?.value,
    cell: (row) => <Figure measured={line.value(row)} unit={line.unit} best={winner === resultKey(row)} />,
  };
}

function Figure({ measured, unit, best }: { measured: Measured; unit: Unit; best: boolean }) {
  const { middle, range } = measuredParts(measured, unit);
  return (
    <span className={styles.measured}>
      {best ? (
        <StatePill tone="good" dot={false}>
          {t("Best")}
        </StatePill>
      ) : null}
      {middle} {range ? <span className={styles.range}>{range}</span> : null}
    </span>
  );
}

function Named({ row }: { row: BakeoffResult }) {
  return (
    <span className={styles.named}>
      <ProviderMark provider={row.provider} />
      <span className={styles.words}>
        <span className={styles.name}>{row.model}</span>
        <span className={styles.dim}>
          {row.credential ?? providerLabel(row.provider)}
          {row.preset ? ` · ${row.preset}` : ""}
        </span>
      </span>
    </span>
  );
}

function Runs({ row }: { row: BakeoffResult }) {
  return (
    <span className={styles.sessions}>
      {t("{finished} of {runs}", { finished: row.finished, runs: row.sessions.length })}
      {row.sessions.map((session, index) => (
        <Link
          key={session}
          to="/research/$session"
          params={{ session }}
          aria-label={t("Run {number} of {model}", { number: index + 1, model: row.model })}
        >
          {index + 1}
        </Link>
      ))}
    </span>
  );
}

export function resultFile(): { title: string; value: (row: BakeoffResult) => Cell }[] {
  const named = [
    { title: "model", value: (row: BakeoffResult): Cell => row.model },
    { title: "provider", value: (row: BakeoffResult): Cell => row.provider },
    { title: "key", value: (row: BakeoffResult): Cell => row.credential },
    { title: "preset", value: (row: BakeoffResult): Cell => row.preset },
    { title: "runs", value: (row: BakeoffResult): Cell => row.sessions.length },
    { title: "finished", value: (row: BakeoffResult): Cell => row.finished },
  ];
  const measured = LINES.flatMap(({ id, value }) => [
    { title: id, value: (row: BakeoffResult): Cell => value(row)?.value },
    { title: `${id}_low_95`, value: (row: BakeoffResult): Cell => value(row)?.low },
    { title: `${id}_high_95`, value: (row: BakeoffResult): Cell => value(row)?.high },
  ]);
  return [...named, ...measured, { title: "outcome", value: (row) => outcomeWords(row.verdicts) }];
}
