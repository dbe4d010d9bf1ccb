/** What the run assumed, all of it, and what it can be made again from. */

import type { BacktestAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { metricOf, metricText } from "../ui/metric";
import { Panel } from "../ui/panel";
import { RawJson } from "../ui/raw-json";
import styles from "./backtests.module.css";

export function AssumptionsPanel({ backtest }: { backtest: BacktestAnswer }) {
  const assumptions = Object.entries(backtest.assumptions ?? {});
  return (
    <>
      <Panel title={t("Effective assumptions")}>
        {assumptions.length === 0 ? <p>{t("None were stored.")}</p> : null}
        <dl className={styles.list}>
          {assumptions.map(([name, text]) => (
            <Line key={name} name={name.replaceAll("_", " ")} text={text} />
          ))}
        </dl>
      </Panel>
      <Panel title={t("How often they mattered")}>
        <dl className={styles.list}>
          {countsOf(backtest).map(([name, text]) => (
            <Line key={name} name={name} text={text} />
          ))}
        </dl>
      </Panel>
      <Panel title={t("Made from")}>
        <RawJson
          title={t("Manifest")}
          name={`backtest-${backtest.id}-manifest`}
          value={{ ...backtest.manifest, document_hash: backtest.hash, result_hash: backtest.result_hash }}
        />
      </Panel>
    </>
  );
}

function countsOf({ counts, finer, metrics }: BacktestAnswer): readonly (readonly [string, string])[] {
  const paid = metricText(metricOf(metrics, "fees"));
  return [
    [t("Stop and target in one bar, the stop taken"), formatNumber(counts?.both_in_one_bar ?? 0)],
    ...(finer
      ? ([
          [t("Both in one bar, on finer bars too"), formatNumber(finer.still_both)],
          [t("Bars in which finer bars fill otherwise"), formatNumber(finer.differing)],
          [t("End equity on finer bars, in the quote asset"), formatNumber(finer.end_equity, { digits: 2 })],
        ] as const)
      : []),
    [t("Entries left out: below the venue's least value, or no cash left"), formatNumber(counts?.too_small ?? 0)],
    [t("Liquidations"), formatNumber(counts?.liquidated ?? 0)],
    [t("Paid for holding, in the quote asset"), formatNumber(counts?.funding ?? 0, { digits: 2 })],
    [t("Fees, in the quote asset"), paid],
  ];
}

function Line({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}
