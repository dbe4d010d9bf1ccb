/** Two parameters as a heat map that is a table: training and test on one scale, every cell says its number. */

import { useState } from "react";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { HeatCell } from "../ui/heat-cell";
import styles from "../ui/heat-map.module.css";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { heatOf, type Side, scaleOf } from "./heat";
import type { Sweep, SweepRow } from "./sweep-data";
import own from "./sweeps.module.css";

export function HeatPanel({ sweep, rows }: { sweep: Sweep; rows: readonly SweepRow[] }) {
  const [side, setSide] = useState<Side>("test");
  const heat = heatOf(sweep, rows, side);
  if (!heat) return null;
  const most = scaleOf(rows);
  const options = [
    { value: "train", label: t("Training") },
    { value: "test", label: t("Test") },
  ] as const;
  return (
    <Panel
      title={t("Sharpe ratio by parameters")}
      flush
      beside={<Segments label={t("Which part of the bars")} value={side} options={options} onChange={setSide} />}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields */}
      <div className={styles.scroll} role="group" aria-label={t("Sharpe ratio by parameters, table")} tabIndex={0}>
        <table className={styles.table} style={{ minWidth: 120 + heat.across.values.length * 62 }}>
          <thead>
            <tr>
              <th scope="col" className={own.corner}>
                {heat.down.name} ↓ {heat.across.name} →
              </th>
              {heat.across.values.map((value) => (
                <th key={value} scope="col">
                  {value}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {heat.down.values.map((value, at) => (
              <tr key={value}>
                <th scope="row">{value}</th>
                {heat.across.values.map((other, column) => (
                  <HeatCell key={other} value={heat.cells[at]?.[column]} most={most} text={sharpeText} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        {t("A plateau in both parts can be believed more than a peak. Training and test share one scale of colours.")}
      </p>
    </Panel>
  );
}

function sharpeText(sharpe: number): string {
  return formatNumber(sharpe, { digits: 2, signed: true });
}
