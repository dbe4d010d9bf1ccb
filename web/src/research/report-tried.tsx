/** All that a session tried, failures included: taken from the record, not told by the model. */

import { useContext } from "react";
import type { Report } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import { Mono } from "../ui/amount";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { placeText } from "./evidence-place";
import styles from "./report.module.css";
import { OpenEvidence } from "./report-parts";

type Row = Report["tried"][number];

const COLUMNS: readonly Column<Row>[] = [
  { id: "step", title: t("Step"), align: "end", value: (row) => row.step, cell: (row) => row.step },
  { id: "tool", title: t("Tool"), value: (row) => row.tool, cell: (row) => <Mono>{row.tool}</Mono> },
  { id: "title", title: t("What"), isSentence: true, value: (row) => row.title, cell: (row) => row.words || row.title },
  {
    id: "sets",
    title: t("Parameter sets"),
    align: "end",
    value: (row) => row.parameter_sets,
    cell: (row) => formatNumber(row.parameter_sets),
  },
  {
    id: "outcome",
    title: t("Outcome"),
    value: (row) => row.outcome,
    cell: (row) => (
      <StatePill tone={row.outcome === "done" ? "good" : "bad"}>
        {row.outcome === "done" ? t("Done") : t("Came to nothing")}
      </StatePill>
    ),
  },
  { id: "figure", title: t("Result"), align: "end", cell: (row) => <Result row={row} /> },
];

export function TriedPanel({ report }: { report: Report }) {
  const { runs, parameter_sets, failed, unfinished } = report.registered;
  return (
    <Panel title={t("What was tried")} end={plural(report.trials, "{count} trial", "{count} trials")} flush>
      <p className={styles.tried}>
        {t("Registered before they ran: {runs} runs over {sets} parameter sets; {failed} failed, {open} unfinished.", {
          runs: formatNumber(runs),
          sets: formatNumber(parameter_sets),
          failed: formatNumber(failed),
          open: formatNumber(unfinished),
        })}
      </p>
      <DataTable
        label={t("What was tried")}
        columns={COLUMNS}
        source={{ rows: report.tried }}
        keyOf={(row) => String(row.step)}
        trouble={t("This could not be read.")}
        empty={<EmptyState text={t("Nothing was tried.")} />}
      />
    </Panel>
  );
}

function Result({ row }: { row: Row }) {
  const open = useContext(OpenEvidence);
  if (row.figure) {
    const { evidence, path, label, display } = row.figure;
    return (
      <button type="button" className={styles.figure} title={label} onClick={() => open(placeText(evidence, path))}>
        {display}
      </button>
    );
  }
  const { evidence } = row;
  if (evidence === null) return <>–</>;
  return (
    <button type="button" className={styles.figure} onClick={() => open(placeText(evidence, ""))}>
      {t("Evidence {number}", { number: evidence })}
    </button>
  );
}
