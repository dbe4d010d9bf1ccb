/** Each deployment on its way to a stop. */

import type { Deployment } from "../../lib/contract";
import { formatNumber } from "../../lib/format";
import { t } from "../../lib/message";
import { StatePill } from "../../ui/state-pill";
import styles from "./stop-dialog.module.css";

type StopProgressProps = { rows: readonly Deployment[]; words: string; told: boolean };

export function StopProgress({ rows, words, told }: StopProgressProps) {
  return (
    <>
      <p className={styles.words} role="status">
        {words}
      </p>
      <ul className={styles.rows}>
        {rows.map((row) => (
          <li key={row.id} className={styles.row}>
            <span className={styles.name}>{row.name}</span>
            <span className={styles.symbol}>
              {row.position === "0"
                ? row.symbol
                : t("{symbol} · holds {position}", { symbol: row.symbol, position: formatNumber(row.position) })}
            </span>
            <StatePill tone={row.state === "running" ? "warn" : "good"}>{word(row, told)}</StatePill>
          </li>
        ))}
      </ul>
    </>
  );
}

function word(row: Deployment, told: boolean): string {
  if (row.state !== "running") return t("Stopped");
  if (row.closing) return t("Selling");
  return told ? t("Stopping") : t("Running");
}
