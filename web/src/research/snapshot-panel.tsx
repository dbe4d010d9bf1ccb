/** What the session sees of the world: data until when, of which market, and how often it tried. */

import type { SessionAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { Time } from "../ui/amount";
import { Panel } from "../ui/panel";
import styles from "./session.module.css";

export function SnapshotPanel({ session }: { session: SessionAnswer }) {
  return (
    <Panel title={t("Data and trials")}>
      <dl className={styles.facts}>
        <dt>{t("Known until")}</dt>
        <dd>
          <Time value={session.as_of} />
        </dd>
        <dt>{t("Market")}</dt>
        <dd>{[session.symbol, session.timeframe].filter(Boolean).join(" · ") || t("As it chooses")}</dd>
        <dt>{t("Tests run")}</dt>
        <dd>{formatNumber(session.registered.runs)}</dd>
        <dt>{t("Trials registered")}</dt>
        <dd>{formatNumber(session.registered.parameter_sets)}</dd>
      </dl>
    </Panel>
  );
}
