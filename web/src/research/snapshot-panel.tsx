/** What the session sees of the world: data until when, of which market, and how often it tried. */

import { useQuery } from "@tanstack/react-query";
import type { SessionAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Time } from "../ui/amount";
import { Panel } from "../ui/panel";
import { reportQuery } from "./run-data";
import styles from "./session.module.css";
import type { SessionState, Step } from "./session-state";

/** Each of their runs is one more look at the same data. */
const TRYING = new Set(["run_backtest", "sweep_parameters", "walk_forward", "final_exam", "train_model"]);

export function SnapshotPanel({ session, store }: { session: SessionAnswer; store: LiveStore<SessionState> }) {
  const steps = useLiveSlow(store, (state) => state.steps);
  const { data: report } = useQuery({ ...reportQuery(session.id), enabled: session.report });
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
        <dd>{formatNumber(steps.filter(isTrial).length)}</dd>
        <dt>{t("Trials registered")}</dt>
        <dd>{report ? formatNumber(report.registered.parameter_sets) : t("with the report")}</dd>
      </dl>
    </Panel>
  );
}

function isTrial(step: Step): boolean {
  return step.ok === true && TRYING.has(step.name);
}
