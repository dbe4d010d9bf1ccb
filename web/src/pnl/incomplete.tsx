/** Says what the totals do not contain: coins without a price, facts that no lot explains. */

import { IconAlertTriangle } from "@tabler/icons-react";
import type { SummaryAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import styles from "./pnl.module.css";

const MAX_SHOWN = 5;

export function Incomplete({ summary }: { summary: SummaryAnswer }) {
  const { unvalued, suspended, suspense } = summary;
  if (unvalued.length === 0 && suspended === 0) return null;
  return (
    <div className={styles.incomplete} role="status">
      <IconAlertTriangle size={19} aria-hidden="true" />
      <div>
        <p className={styles.strong}>{t("These figures are incomplete.")}</p>
        {unvalued.length > 0 ? (
          <p>
            {t("No price is known for {assets}: unrealized and net leave them out.", { assets: unvalued.join(", ") })}
          </p>
        ) : null}
        {suspended > 0 ? (
          <>
            <p>{plural(suspended, "{count} fact is in no figure yet:", "{count} facts are in no figure yet:")}</p>
            <ul className={styles.reasons}>
              {suspense.slice(0, MAX_SHOWN).map((held) => (
                <li key={held.fact_id}>
                  {held.text} ({formatNumber(held.missing)} {held.asset})
                </li>
              ))}
            </ul>
          </>
        ) : null}
      </div>
    </div>
  );
}
