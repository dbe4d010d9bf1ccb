/** Returns by month as a heat map that is a table: every cell says its number, the colour only helps. */

import { useMemo, useState } from "react";
import type { Backtest } from "../lib/contract";
import { formatPercent } from "../lib/format";
import { t } from "../lib/message";
import { CsvButton } from "../ui/csv-button";
import { HeatCell } from "../ui/heat-cell";
import styles from "../ui/heat-map.module.css";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState } from "../ui/states";
import { type Whose, type Year, yearsOf } from "./months";

const NAMES = [
  t("Jan"),
  t("Feb"),
  t("Mar"),
  t("Apr"),
  t("May"),
  t("Jun"),
  t("Jul"),
  t("Aug"),
  t("Sep"),
  t("Oct"),
  t("Nov"),
  t("Dec"),
] as const;
export function MonthsPanel({ backtest }: { backtest: Backtest }) {
  const [whose, setWhose] = useState<Whose>("equity");
  const months = backtest.months;
  const years = useMemo(() => yearsOf(months ?? [], whose), [months, whose]);
  const columns = [
    { title: t("Year"), value: (row: Year) => row.year },
    ...NAMES.map((title, month) => ({ title, value: (row: Year) => row.months[month] })),
    { title: t("Whole year"), value: (row: Year) => row.whole },
  ];
  const options = [
    { value: "equity", label: t("Strategy") },
    { value: "hold", label: t("Holding") },
  ] as const;
  return (
    <Panel
      title={t("Returns by month")}
      flush
      beside={<Segments label={t("Whose returns")} value={whose} options={options} onChange={setWhose} />}
      end={<CsvButton name={`backtest-${backtest.id}-months-${whose}`} columns={columns} rows={years} />}
    >
      {years.length === 0 ? (
        <EmptyState text={t("This run was made before months were kept. Run it again.")} />
      ) : (
        <>
          <HeatMap years={years} />
          <p className={styles.note}>
            {t("Months in UTC, of the equity at every bar; chained they are the whole return.")}
          </p>
        </>
      )}
    </Panel>
  );
}

function HeatMap({ years }: { years: readonly Year[] }) {
  const values = years.flatMap((row) => row.months.map((value) => Math.abs(value ?? 0)));
  const most = Math.max(0.01, ...values);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div className={styles.scroll} role="group" aria-label={t("Returns by month, table")} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t("Year")}</th>
            {NAMES.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">{t("Whole year")}</th>
          </tr>
        </thead>
        <tbody>
          {years.map((row) => (
            <tr key={row.year}>
              <th scope="row">{row.year}</th>
              {NAMES.map((name, month) => (
                <HeatCell key={name} value={row.months[month] ?? null} most={most} />
              ))}
              <td className={styles.whole}>{formatPercent(row.whole, { digits: 1, signed: true })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
