/** Who laid the version before a person, and why; warnings first. Then what was decided about it so far. */

import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { DecisionAnswer, ProposalAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Age, Time } from "../ui/amount";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import styles from "./approval.module.css";
import { decisionsQuery } from "./approval-data";
import { outcome } from "./outcome";

export function ProposalPanel({ proposal }: { proposal: ProposalAnswer }) {
  return (
    <Panel title={t("Why it lies here")}>
      <div className={styles.card}>
        {proposal.recommended ? null : (
          <p className={styles.changed}>
            <IconAlertTriangle size={18} aria-hidden="true" />
            {t("The evidence does not speak for it: laid before you to watch, not to trust.")}
          </p>
        )}
        <p>{proposal.why}</p>
        <p className={styles.dim}>
          {t("Proposed")} <Age value={proposal.created_at} /> {t("by the session")}{" "}
          <Link to="/research/$session" params={{ session: proposal.session_id }}>
            {proposal.goal}
          </Link>
        </p>
      </div>
    </Panel>
  );
}

export function History({ version }: { version: string }) {
  const { data } = useQuery(decisionsQuery(version));
  if (!data?.items.length) return null;
  return (
    <Panel title={t("Decided so far")} flush>
      <ol className={styles.history}>
        {data.items.map((row) => (
          <Decided key={`${row.outcome} ${row.at}`} row={row} />
        ))}
      </ol>
    </Panel>
  );
}

function Decided({ row }: { row: DecisionAnswer }) {
  const { word, tone } = outcome(row.outcome);
  return (
    <li className={styles.decided}>
      <StatePill tone={tone}>{word}</StatePill>
      <span>{t("by {name}", { name: row.by })}</span>
      <span className={styles.dim}>
        <Time value={row.at} />
      </span>
      {row.overridden ? <StatePill tone="warn">{t("Without a passing verdict")}</StatePill> : null}
      {row.reason ? <span className={styles.reason}>{row.reason}</span> : null}
    </li>
  );
}
