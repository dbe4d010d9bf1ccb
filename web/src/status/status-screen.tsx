/** How the installation is, and who did what in it. */

import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { usePreferences } from "../lib/preferences";
import { statusQuery } from "../lib/queries";
import { formatClock } from "../lib/time";
import { Count } from "../ui/amount";
import { Page } from "../ui/page";
import { StatTiles } from "../ui/stat-tiles";
import { StatePill } from "../ui/state-pill";
import { AuditPanel } from "./audit-panel";
import { CopyDiagnosis } from "./copy-diagnosis";
import { overall } from "./part-words";
import { PartsPanel } from "./parts-panel";
import styles from "./status.module.css";

/** Whoever looks at this page waits for a change. */
const WATCHED_EVERY_MS = 5_000;

export function StatusScreen() {
  usePreferences();
  const { data, error, refetch, dataUpdatedAt } = useQuery({ ...statusQuery, refetchInterval: WATCHED_EVERY_MS });
  const state = data && !error ? overall(data) : null;
  const time = formatClock(dataUpdatedAt || null);
  const now = (words: string) => (error ? t("as it was at {time}", { time }) : words);
  return (
    <Page
      title={t("Status")}
      facts={
        <span role="status">
          {state ? <StatePill tone={state.tone}>{state.words}</StatePill> : null}
          {error ? <StatePill tone="bad">{t("State unknown")}</StatePill> : null}
          {state || error ? null : <StatePill tone="quiet">{t("Checking…")}</StatePill>}
        </span>
      }
      lead={t("Checked every 5 seconds while this page is open.")}
      actions={<CopyDiagnosis status={data} readAt={dataUpdatedAt} />}
    >
      {data && error ? (
        <p className={styles.stale} role="alert">
          <IconAlertTriangle size={18} aria-hidden="true" />
          {t("No answer since {time}; what follows may no longer be true. {why}", { time, why: explain(error) })}
        </p>
      ) : null}
      {error && !data ? null : (
        <StatTiles
          loading={!data}
          stats={[
            { label: t("Version"), value: data?.version, note: t("of the server") },
            { label: t("Workers"), value: <Count value={data?.workers} />, note: now(t("alive at {time}", { time })) },
            { label: t("Jobs waiting"), value: <Count value={data?.queue.waiting} />, note: now(t("in the queue")) },
            { label: t("Jobs running"), value: <Count value={data?.queue.running} />, note: now(t("at this moment")) },
          ]}
        />
      )}
      <PartsPanel status={data} error={error} retry={refetch} />
      {/* Below what grows, so it comes after it: nothing is pushed away while it is read. */}
      {data || error ? <AuditPanel /> : null}
    </Page>
  );
}
