/** Every series that is loaded: what it covers, what it lacks, where it came from. */

import { IconDatabaseOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { Series } from "../lib/contract";
import { plural, t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { Count, Time } from "../ui/amount";
import type { ChartRange } from "../ui/chart-model";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { coverageOf, RowStrip, shareText, wholeSpan } from "./coverage-strip";
import styles from "./data.module.css";
import { OriginPill, sourceOf } from "./origin-pill";

/** `axis`: what all strips are drawn on. */
const columnsOn = (axis: ChartRange | null): Column<Series>[] => [
  {
    id: "symbol",
    title: t("Market"),
    value: (row) => row.symbol,
    cell: (row) => (
      <span className={styles.market}>
        <Link to="/data" search={{ series: row.id }} className={styles.link} data-row="" resetScroll={false}>
          {row.symbol}
        </Link>
        <OriginPill series={row} />
      </span>
    ),
  },
  { id: "venue", title: t("Source"), value: sourceOf, cell: sourceOf },
  { id: "timeframe", title: t("Bars of"), value: (row) => row.timeframe, cell: (row) => row.timeframe },
  { id: "bars", title: t("Bars"), align: "end", value: (row) => row.bars, cell: (row) => <Count value={row.bars} /> },
  {
    id: "start",
    title: t("From"),
    align: "end",
    value: (row) => row.start,
    cell: (row) => <Time value={row.start} part="day" />,
  },
  {
    id: "end",
    title: t("To"),
    align: "end",
    value: (row) => row.end,
    cell: (row) => <Time value={row.end} part="day" />,
  },
  { id: "strip", title: t("Coverage"), width: "12%", cell: (row) => <RowStrip series={row} axis={axis} /> },
  {
    id: "coverage",
    title: t("Covered"),
    align: "end",
    value: (row) => coverageOf(row),
    cell: (row) => shareText(row),
  },
  { id: "gaps", title: t("Gaps"), align: "end", value: (row) => row.gaps, cell: (row) => <Count value={row.gaps} /> },
  {
    id: "missing",
    title: t("Missing"),
    align: "end",
    value: (row) => row.missing,
    cell: (row) => <Count value={row.missing} />,
  },
  {
    id: "quarantined",
    title: t("Left out"),
    align: "end",
    value: (row) => row.quarantined,
    cell: (row) => <Count value={row.quarantined} />,
  },
];

/** On the page the pill beside the market says it. */
const ORIGIN = { title: t("Origin"), value: (row: Series) => row.origin };

export function SeriesPanel({ emptyAction }: { emptyAction: ReactNode }) {
  const { data, error, refetch } = useQuery(seriesQuery);
  const rows = data?.items;
  const columns = useMemo(() => columnsOn(wholeSpan(rows ?? [])), [rows]);
  return (
    <Panel
      title={t("Series")}
      flush
      beside={<span className={styles.dim}>{rows ? plural(rows.length, "{count} series", "{count} series") : ""}</span>}
      end={<CsvButton name="series" columns={[...columns, ORIGIN]} rows={rows} />}
    >
      <DataTable
        label={t("Series of candles")}
        columns={columns}
        source={{ rows, error, retry: refetch }}
        keyOf={(row) => row.id}
        sortedBy={{ id: "symbol", down: false }}
        empty={
          <EmptyState
            icon={<IconDatabaseOff size={22} />}
            text={t("No candles yet. Drop a file above, or make synthetic markets to try everything offline.")}
            action={emptyAction}
          />
        }
        trouble={t("The series could not be loaded.")}
      />
    </Panel>
  );
}
