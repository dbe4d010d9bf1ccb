/** The trace as a table. */

import { formatCost, formatDuration, formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { formatUtc } from "../lib/time";
import { Mono, Time } from "../ui/amount";
import type { Column } from "../ui/data-table";
import type { TraceRow } from "./trace";

const KINDS = { model: t("Model"), tool: t("Tool"), retry: t("Failed try") } as const;

export const TRACE_COLUMNS: readonly Column<TraceRow>[] = [
  { id: "step", title: t("Step"), align: "end", value: (row) => row.step.number, cell: (row) => row.step.number },
  { id: "kind", title: t("Kind"), value: (row) => row.kind, cell: (row) => KINDS[row.kind] },
  { id: "name", title: t("Name"), value: (row) => row.name, cell: (row) => <Mono>{row.name}</Mono> },
  {
    id: "started",
    title: t("Started"),
    value: (row) => formatUtc(row.step.started_ms),
    cell: (row) => <Time value={row.step.started_ms} part="second" />,
  },
  {
    id: "duration",
    title: t("Duration"),
    align: "end",
    value: (row) => row.to - row.from,
    cell: (row) => formatDuration(row.to - row.from),
  },
  {
    id: "tokens",
    title: t("Tokens"),
    align: "end",
    value: tokens,
    cell: (row) => (row.kind === "model" ? formatNumber(tokens(row)) : ""),
  },
  {
    id: "cost",
    title: t("Cost (USD)"),
    align: "end",
    value: (row) => (row.kind === "retry" ? undefined : row.step.cost),
    cell: costWords,
  },
  { id: "state", title: t("State"), value: stateWords, cell: stateWords },
];

function tokens(row: TraceRow): number | undefined {
  return row.kind === "model" ? row.step.tokens_in + row.step.tokens_out : undefined;
}

/** What is on the row of a step; a failed try is part of its step's cost. */
export function costWords({ kind, step }: TraceRow): string {
  return kind === "model" && step.ok !== undefined ? formatCost(step.cost) : "";
}

export function stateWords({ kind, step }: TraceRow): string {
  if (kind === "retry") return t("failed");
  if (step.stale) return t("stale");
  if (step.ok === undefined) return t("running");
  return step.ok ? t("done") : t("failed");
}
