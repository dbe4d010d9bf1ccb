/** What the session spent. A model without a price per call spends nothing, and that is said. */

import { formatNumber } from "../lib/format";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import { costText } from "./run-strip";
import styles from "./session.module.css";
import type { SessionState } from "./session-state";

export function SpendPanel({ store }: { store: LiveStore<SessionState> }) {
  const totals = useLiveSlow(store, (state) => state.totals);
  return (
    <Panel title={t("Budget")}>
      <dl className={styles.facts}>
        <dt>{t("Spent")}</dt>
        <dd>{costText(totals)}</dd>
        <dt>{t("Model answers")}</dt>
        <dd>{formatNumber(totals.models)}</dd>
        <dt>{t("Tool calls")}</dt>
        <dd>{formatNumber(totals.tools)}</dd>
      </dl>
    </Panel>
  );
}
