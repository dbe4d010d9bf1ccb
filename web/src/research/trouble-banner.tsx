/** Why a session failed and what happens next; or why its log could not be read. */

import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCoin } from "@tabler/icons-react";
import type { SessionAnswer } from "../api/generated/types.gen";
import { useLivePhase, useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { LinkButton } from "../ui/link-button";
import { sessionTopic, sessionTopics } from "./run-data";
import styles from "./session.module.css";
import type { SessionState } from "./session-state";
import { useRunState } from "./use-run-state";

export function TroubleBanner({ session, store }: { session: SessionAnswer; store: LiveStore<SessionState> }) {
  const state = useRunState(store, session);
  const error = useLiveSlow(store, (state) => state.error) || session.error;
  const phase = useLivePhase(store);
  if (phase === "failed") {
    return (
      <div className={styles.trouble} role="alert">
        <IconAlertTriangle size={20} aria-hidden="true" />
        <div>
          <p className={styles.strong}>{t("The steps could not be read.")}</p>
          <p>{t("The session itself goes on: it runs on the server, not on this page.")}</p>
          <Button variant="default" size="xs" mt={8} onClick={() => sessionTopics.retry(sessionTopic(session.id))}>
            {t("Try again")}
          </Button>
        </div>
      </div>
    );
  }
  if (state === "budget_reached") return <AtCap session={session} error={error} />;
  if (state !== "failed") return null;
  return (
    <div className={styles.trouble} role="alert">
      <IconAlertTriangle size={20} aria-hidden="true" />
      <div>
        <p className={styles.strong}>{t("This session stopped before its end.")}</p>
        <p>{error}</p>
        <p>{t("Its steps and evidence are kept. Write below what to change, and it goes on from here.")}</p>
      </div>
    </div>
  );
}

function AtCap({ session, error }: { session: SessionAnswer; error: string | null }) {
  return (
    <div className={styles.trouble} data-tone="warn" role="status">
      <IconCoin size={20} aria-hidden="true" />
      <div>
        <p className={styles.strong}>{t("This session reached its cap.")}</p>
        <p>{error || t("The next call could have passed it, so it was not made.")}</p>
        <p>{t("Its steps and evidence are kept, and the report holds what was found until then.")}</p>
        <LinkButton
          variant="default"
          size="xs"
          mt={8}
          to="/research/new"
          search={{ goal: session.goal, ...(session.symbol ? { symbol: session.symbol } : {}) }}
        >
          {t("Start again with another cap")}
        </LinkButton>
      </div>
    </div>
  );
}
