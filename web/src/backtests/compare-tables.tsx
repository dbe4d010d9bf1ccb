/** The tables of a comparison: which runs, their figures side by side, the settings that are not alike. */

import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Backtest } from "../lib/contract";
import { shortHash, UNKNOWN } from "../lib/format";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import { Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { metricName, metricText } from "../ui/metric";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { backtestState } from "./backtest-data";
import styles from "./backtests.module.css";
import { difference, type FigureRow, figuresOf, letterOf, type SettingRow, settingsThatDiffer } from "./comparison";
import { marketOf } from "./shared";

type RunsProps = { runs: readonly Backtest[] };
type Lettered = { letter: string; run: Backtest };

const RUN_COLUMNS: readonly Column<Lettered>[] = [
  {
    id: "name",
    title: t("Run"),
    value: (row) => `${row.letter} ${row.run.name}`,
    cell: ({ letter, run }) => (
      <>
        <strong>{letter}</strong>{" "}
        <Link className={styles.name} to="/backtests/$backtest" params={{ backtest: run.id }}>
          {run.name}
        </Link>
      </>
    ),
  },
  {
    id: "state",
    title: t("State"),
    value: (row) => row.run.state,
    cell: ({ run }) => <StatePill tone={backtestState(run.state).tone}>{backtestState(run.state).text}</StatePill>,
  },
  {
    id: "market",
    title: t("Market"),
    value: (row) => marketOf(row.run),
    cell: ({ run }) => marketOf(run),
  },
  {
    id: "span",
    title: t("Span"),
    value: (row) => (row.run.span ? `${row.run.span.start} ${row.run.span.end}` : ""),
    cell: ({ run }) =>
      run.span ? `${formatTime(run.span.start, "day")} – ${formatTime(run.span.end, "day")}` : t("all bars"),
  },
  {
    id: "hash",
    title: t("Document hash"),
    value: (row) => row.run.hash,
    cell: ({ run }) => <Mono>{shortHash(run.hash)}</Mono>,
  },
];

export function CompareRuns({ runs }: RunsProps) {
  const rows = runs.map((run, index) => ({ letter: letterOf(index), run }));
  return (
    <Panel title={t("Runs")} flush end={<CsvButton name="compared-runs" columns={RUN_COLUMNS} rows={rows} />}>
      <DataTable
        label={t("Compared runs")}
        columns={RUN_COLUMNS}
        source={{ rows }}
        keyOf={(row) => row.run.id}
        trouble=""
        empty={null}
      />
    </Panel>
  );
}

export function CompareFigures({ runs }: RunsProps) {
  const rows = useMemo(() => figuresOf(runs), [runs]);
  const columns = useMemo(() => figureColumns(runs.length), [runs.length]);
  return (
    <Panel title={t("Figures")} flush end={<CsvButton name="compared-figures" columns={columns} rows={rows} />}>
      <DataTable
        label={t("Compared figures")}
        columns={columns}
        source={{ rows }}
        keyOf={(row) => row.name}
        trouble=""
        empty={<EmptyState text={t("None of them has figures yet.")} />}
      />
    </Panel>
  );
}

function figureColumns(count: number): Column<FigureRow>[] {
  const name: Column<FigureRow> = {
    id: "name",
    title: t("Figure"),
    value: (row) => row.name,
    cell: (row) => metricName(row.name),
  };
  const sampled: Column<FigureRow> = {
    id: "sampling",
    title: t("Sampled"),
    value: (row) => row.sampling,
    cell: (row) => row.sampling,
  };
  const values = Array.from({ length: count }, (_, index): Column<FigureRow>[] => {
    const letter = letterOf(index);
    const own: Column<FigureRow> = {
      id: letter,
      title: letter,
      align: "end",
      value: (row) => row.metrics[index]?.value,
      cell: (row) => metricText(row.metrics[index]),
    };
    const apart: Column<FigureRow> = {
      id: `${letter}-A`,
      title: `${letter} − A`,
      align: "end",
      value: (row) => difference(row, index),
      cell: (row) => apartText(row, index),
    };
    return index === 0 ? [own] : [own, apart];
  });
  return [name, ...values.flat(), sampled];
}

/** In the figure's own unit, always with a sign. */
function apartText(row: FigureRow, index: number): string {
  const value = difference(row, index);
  const like = row.metrics[index];
  if (value === null || !like) return UNKNOWN;
  const text = metricText({ ...like, value });
  return value > 0 && !text.startsWith("+") ? `+${text}` : text;
}

export function CompareSettings({ runs }: RunsProps) {
  const rows = useMemo(() => settingsThatDiffer(runs), [runs]);
  const columns = useMemo(() => settingColumns(runs.length), [runs.length]);
  return (
    <Panel
      title={t("Settings that differ")}
      flush
      end={<CsvButton name="compared-settings" columns={columns} rows={rows} />}
    >
      <DataTable
        label={t("Settings that differ, table")}
        columns={columns}
        source={{ rows }}
        keyOf={(row) => row.place}
        trouble=""
        empty={<EmptyState text={t("They have the same document, candles and assumptions.")} />}
      />
    </Panel>
  );
}

function settingColumns(count: number): Column<SettingRow>[] {
  const place: Column<SettingRow> = {
    id: "place",
    title: t("Setting"),
    value: (row) => row.place,
    cell: (row) => <Mono>{row.place}</Mono>,
  };
  const values = Array.from(
    { length: count },
    (_, index): Column<SettingRow> => ({
      id: letterOf(index),
      title: letterOf(index),
      value: (row) => row.values[index],
      cell: (row) => row.values[index] ?? t("not set"),
    }),
  );
  return [place, ...values];
}
