/** Each hole of a series, oldest first: an outage is never filled, so whoever reads the bars should know of it. */

import type { Gap, Series } from "../lib/contract";
import { formatDuration } from "../lib/format";
import { plural, t } from "../lib/message";
import { formatUtc, zoneLabel } from "../lib/time";
import { Count, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable, type Loaded } from "../ui/data-table";
import { Panel } from "../ui/panel";
import styles from "./data.module.css";

/** The shape while loading; a longer table scrolls in its frame. */
const MAX_SHAPE = 8;

const COLUMNS: readonly Column<Gap>[] = [
  {
    id: "start",
    title: t("First missing bar"),
    value: (gap) => formatUtc(gap.start),
    cell: (gap) => <Time value={gap.start} />,
  },
  {
    id: "end",
    title: t("Bars again from"),
    value: (gap) => formatUtc(gap.end),
    cell: (gap) => <Time value={gap.end} />,
  },
  {
    id: "length",
    title: t("Length"),
    align: "end",
    value: (gap) => lengthOf(gap) / 1_000,
    cell: (gap) => formatDuration(lengthOf(gap)),
  },
  {
    id: "missing",
    title: t("Bars missing"),
    align: "end",
    value: (gap) => gap.missing,
    cell: (gap) => <Count value={gap.missing} />,
  },
];
/** In a file a length needs its unit. */
const FILE_COLUMNS = COLUMNS.map((column) => (column.id === "length" ? { ...column, title: t("length (s)") } : column));

export function GapPanel({ series, source }: { series: Series; source: Loaded<Gap> }) {
  const listed = source.rows?.length ?? series.gaps;
  return (
    <Panel
      title={t("Gaps of {market}", { market: `${series.symbol} · ${series.timeframe}` })}
      flush
      beside={<span className={styles.dim}>{plural(series.gaps, "{count} gap", "{count} gaps")}</span>}
      end={
        <>
          <span className={styles.dim}>
            {listed < series.gaps
              ? plural(
                  listed,
                  "The first {count} is listed, times in {zone}",
                  "The first {count} are listed, times in {zone}",
                  {
                    zone: zoneLabel(),
                  },
                )
              : t("Times in {zone}", { zone: zoneLabel() })}
          </span>
          <CsvButton
            name={`gaps-${series.venue}-${series.symbol}-${series.timeframe}`}
            columns={FILE_COLUMNS}
            rows={source.rows}
          />
        </>
      }
    >
      <div className={styles.gaps}>
        <DataTable
          label={t("Gaps")}
          columns={COLUMNS}
          source={source}
          keyOf={(gap) => gap.start}
          sortedBy={{ id: "start", down: false }}
          loadingRows={Math.min(series.gaps + 1, MAX_SHAPE)}
          empty={null}
          trouble={t("The gaps could not be loaded.")}
        />
      </div>
    </Panel>
  );
}

function lengthOf(gap: Gap): number {
  return Date.parse(gap.end) - Date.parse(gap.start);
}
