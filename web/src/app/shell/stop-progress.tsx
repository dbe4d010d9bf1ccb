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
            <span className={styles.symbol}>{holding(row)}</span>
            <StatePill tone={row.state === "running" ? "warn" : "good"}>{word(row, told)}</StatePill>
          </li>
        ))}
      </ul>
    </>
  );
}

function holding({ holdings }: Deployment): string {
  const held = holdings.filter((each) => each.position !== "0");
  if (held.length === 0) return holdings.map((each) => each.symbol).join(", ");
  return held
    .map(({ symbol, position }) => t("{symbol} · holds {position}", { symbol, position: formatNumber(position) }))
    .join(", ");
}

function word(row: Deployment, told: boolean): string {
  if (row.state !== "running") return t("Stopped");
  if (row.closing) return t("Selling");
  return told ? t("Stopping") : t("Running");
}
