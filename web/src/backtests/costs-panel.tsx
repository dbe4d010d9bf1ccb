/** What is left at other costs: the total return by multiples of the fees and of the slippage. */

import type { CostsAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { CsvButton } from "../ui/csv-button";
import { HeatCell } from "../ui/heat-cell";
import styles from "../ui/heat-map.module.css";
import { Panel } from "../ui/panel";

type Row = { fee: number; returns: readonly (number | null)[] };

export function CostsPanel({ costs, name }: { costs: CostsAnswer; name: string }) {
  const rows: Row[] = costs.fees.map((fee, index) => ({ fee, returns: costs.returns[index] ?? [] }));
  const most = Math.max(0.01, ...rows.flatMap((row) => row.returns.map((value) => Math.abs(value ?? 0))));
  const columns = [
    { title: t("Fees, times"), value: (row: Row) => row.fee },
    ...costs.slippages.map((times, index) => ({
      title: t("Slippage × {times}", { times }),
      value: (row: Row) => row.returns[index],
    })),
  ];
  return (
    <Panel
      title={t("Return at other costs")}
      flush
      end={<CsvButton name={`costs-${name}`} columns={columns} rows={rows} />}
    >
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: it scrolls */}
      {/* biome-ignore-start lint/a11y/useSemanticElements: a fieldset is for fields */}
      <div className={styles.scroll} role="group" aria-label={t("Return at other costs, table")} tabIndex={0}>
        <table className={styles.table} data-narrow="">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.title} scope="col">
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.fee}>
                <th scope="row">{t("Fees × {times}", { times: row.fee })}</th>
                {costs.slippages.map((times, index) => (
                  <HeatCell key={times} value={row.returns[index] ?? null} most={most} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above */}
      <p className={styles.note}>
        {evenText(costs)} {rows.some((row) => row.returns.includes(null)) ? t("A dash is a loss of all.") : null}
      </p>
    </Panel>
  );
}

function evenText({ break_even, fee_break_even, slippage_break_even }: CostsAnswer): string {
  if (break_even === 0) return t("It loses even where trading costs nothing.");
  return t("Nothing is left at {whole} its costs ({fee} the fees alone, {slippage} the slippage alone).", {
    whole: timesText(break_even),
    fee: timesText(fee_break_even),
    slippage: timesText(slippage_break_even),
  });
}

function timesText(value: number | null): string {
  if (value === null) return t("no multiple of");
  return value >= 64 ? t("more than 64 times") : t("{count} times", { count: formatNumber(value, { digits: 2 }) });
}
