/** What the run assumed, all of it, and what it can be made again from. */

import type { BacktestAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
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

function Line({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}
