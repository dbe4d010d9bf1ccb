/** All that the session's tools found, numbered as it was stored. */

import { UnstyledButton } from "@mantine/core";
import { formatNumber } from "../lib/format";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import styles from "./session.module.css";
import type { SessionState } from "./session-state";

type EvidencePanelProps = { store: LiveStore<SessionState>; onEvidence: (number: number) => void };

/** Read from the steps that stored it: nothing more is asked of the server while the session runs. */
export function EvidencePanel({ store, onEvidence }: EvidencePanelProps) {
  const steps = useLiveSlow(store, (state) => state.steps);
  const rows = steps.flatMap((step) => (step.evidence === undefined ? [] : [{ ...step, evidence: step.evidence }]));
  return (
    <Panel title={t("Evidence")} end={rows.length > 0 ? formatNumber(rows.length) : null} flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section className={styles.evidence} tabIndex={0} aria-label={t("Evidence list")}>
        {rows.length === 0 ? <p className={styles.quiet}>{t("What the tools find is kept here.")}</p> : null}
        {newest(rows).map((row) => (
          <UnstyledButton
            key={row.evidence}
            className={styles.evidenceRow ?? ""}
            data-stale={row.stale || undefined}
            onClick={() => onEvidence(row.evidence)}
          >
            <span className={styles.evidenceNumber}>{row.evidence}</span>
            <span>
              {row.title}
              {row.stale ? ` · ${t("stale")}` : ""}
            </span>
          </UnstyledButton>
        ))}
      </section>
    </Panel>
  );
}

const SHOWN = 200;

function newest<Row>(rows: readonly Row[]): Row[] {
  return rows.slice(-SHOWN).reverse();
}
