/** A chart in its card: switch to the table of the same rows, CSV, the zone of its times, and whose library draws it. */

import { Anchor, Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { downloadCsv } from "../lib/csv";
import { t } from "../lib/message";
import { zoneLabel } from "../lib/time";
import { Chart, type ChartProps } from "./chart";
import { csvOf } from "./chart-model";
import styles from "./chart-panel.module.css";
import { ChartTable } from "./chart-table";
import { Panel } from "./panel";
import { Segments } from "./segments";

type ChartPanelProps = ChartProps & {
  title: string;
  /** File name of the CSV: page, id and range. */
  name: string;
  /** Above the chart: ranges, switches. */
  controls?: ReactNode;
  /** Under it: how many bars, of what. */
  note?: ReactNode;
  /** Instead of the chart, in its place: loading, empty or failed. */
  instead?: ReactNode;
};

export function ChartPanel({ title, name, controls, note, instead, ...chart }: ChartPanelProps) {
  const [view, setView] = useState<"chart" | "table">("chart");
  const options = useMemo(
    () => [
      { value: "chart" as const, label: t("Chart") },
      { value: "table" as const, label: t("Table") },
    ],
    [],
  );
  const save = () => {
    const { header, rows } = csvOf(chart.series, chart.counted);
    downloadCsv(name, header, rows);
  };
  return (
    <Panel
      title={title}
      flush
      beside={<Segments label={t("View of {title}", { title })} value={view} options={options} onChange={setView} />}
      end={
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden="true" />}
          disabled={Boolean(instead)}
          onClick={save}
          data-csv=""
        >
          {t("CSV")}
        </Button>
      }
    >
      {controls ? <div className={styles.controls}>{controls}</div> : null}
      {instead ? (
        <div className={styles.instead} style={{ minHeight: chart.height + 30 }}>
          {instead}
        </div>
      ) : view === "chart" ? (
        <Chart {...chart} />
      ) : (
        <ChartTable label={title} series={chart.series} height={chart.height + 30} counted={chart.counted} />
      )}
      <p className={styles.foot}>
        <span>
          {note}
          {note && !chart.counted ? " · " : ""}
          {chart.counted ? "" : t("Times in {zone}", { zone: zoneLabel() })}
        </span>
        <span>
          {t("Charts by")}{" "}
          <Anchor
            href="https://www.tradingview.com/lightweight-charts/"
            target="_blank"
            rel="noreferrer"
            underline="always"
            inherit
          >
            {t("TradingView Lightweight Charts")}
          </Anchor>
        </span>
      </p>
    </Panel>
  );
}
