/** The columns of the usage table, the same for every grouping but the first. */

import { Link } from "@tanstack/react-router";
import { formatCompact, formatDollars, formatNumber } from "../lib/format";
import { t } from "../lib/message";
import type { UsageBy, UsageRow } from "../lib/vault";
import { Count } from "../ui/amount";
import type { Column } from "../ui/data-table";
import styles from "./usage.module.css";
import { byWords } from "./usage-words";

export function usageColumns(by: UsageBy): Column<UsageRow>[] {
  return [
    {
      id: "key",
      title: byWords(by),
      value: (row) => (by === "day" ? row.key : row.label),
      cell: (row) => <Named by={by} row={row} />,
    },
    count("calls", t("Calls"), (row) => row.calls),
    count("failed", t("Failed"), (row) => row.failed),
    tokens("input", t("Input tokens"), (row) => row.input),
    tokens("cache_read", t("of it cached"), (row) => row.cache_read),
    tokens("cache_write", t("of it cache writes"), (row) => row.cache_write),
    tokens("output", t("Output tokens"), (row) => row.output),
    tokens("reasoning", t("of it reasoning"), (row) => row.reasoning),
    dollars("failed_cost", t("for failed (USD)"), (row) => row.failed_cost),
    dollars("retried_cost", t("for repeats (USD)"), (row) => row.retried_cost),
    dollars("claimed_above", t("claimed beyond (USD)"), (row) => row.claimed_above),
    dollars("cost", t("Cost (USD)"), (row) => row.cost),
  ];
}

function Named({ by, row }: { by: UsageBy; row: UsageRow }) {
  if (by !== "session" || !row.key) return <span className={styles.name}>{row.label}</span>;
  return (
    <Link className={styles.link} to="/research/$session" params={{ session: row.key }} data-row="">
      {row.label}
    </Link>
  );
}

function count(id: string, title: string, value: (row: UsageRow) => number): Column<UsageRow> {
  return { id, title, align: "end", value, cell: (row) => <Count value={value(row)} /> };
}

function tokens(id: string, title: string, value: (row: UsageRow) => number): Column<UsageRow> {
  const cell = (row: UsageRow) => <span title={formatNumber(value(row))}>{formatCompact(value(row))}</span>;
  return { id, title, align: "end", value, cell };
}

function dollars(id: string, title: string, value: (row: UsageRow) => string): Column<UsageRow> {
  return { id, title, align: "end", value, cell: (row) => <span title={value(row)}>{formatDollars(value(row))}</span> };
}
