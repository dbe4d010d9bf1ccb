/** What each check of the verdict found, in a sentence. */

import type { CheckAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill, type Tone } from "../ui/state-pill";

const NAMES: Record<string, string> = {
  look_ahead: t("Look-ahead"),
  warm_up: t("Warm-up"),
  walk_forward: t("Walk-forward"),
  cross_validation: t("Cross-validation"),
  overfitting: t("Overfitting"),
  uncertainty: t("Uncertainty"),
  robustness: t("Robustness"),
  delay: t("Late entries"),
  costs: t("Costs"),
  neighbours: t("Neighbours"),
  random_entries: t("Random entries"),
};

const STATES: Record<CheckAnswer["state"], { text: string; tone: Tone }> = {
  clean: { text: t("Clean"), tone: "good" },
  found: { text: t("Found"), tone: "bad" },
  measured: { text: t("Measured"), tone: "info" },
  unchecked: { text: t("Not done"), tone: "warn" },
};

const COLUMNS: readonly Column<CheckAnswer>[] = [
  {
    id: "state",
    title: t("State"),
    value: (row) => row.state,
    width: "120px",
    cell: (row) => <StatePill tone={STATES[row.state].tone}>{STATES[row.state].text}</StatePill>,
  },
  {
    id: "check",
    title: t("Check"),
    value: (row) => row.check,
    width: "170px",
    cell: (row) => NAMES[row.check] ?? row.check.replaceAll("_", " "),
  },
  { id: "text", title: t("What it found"), isSentence: true, value: (row) => row.text, cell: (row) => row.text },
];

export function ChecksPanel({ checks, name }: { checks: readonly CheckAnswer[]; name: string }) {
  return (
    <Panel
      title={t("What each check found")}
      flush
      end={<CsvButton name={`checks-${name}`} columns={COLUMNS} rows={checks} />}
    >
      <DataTable
        label={t("Table of checks")}
        columns={COLUMNS}
        source={{ rows: checks }}
        keyOf={(row) => row.check}
        trouble=""
        empty={null}
      />
    </Panel>
  );
}
