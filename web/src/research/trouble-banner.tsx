/** Why a session failed and what happens next; or why its log could not be read. */

import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCoin } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { SessionAnswer } from "../api/generated/types.gen";
import { explain } from "../lib/http";
import { useLivePhase, useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { LinkButton } from "../ui/link-button";
import { CapForm } from "./cap-form";
import { isOwnCap, suggestedCap } from "./cap-words";
import { say, sessionTopic, sessionTopics } from "./run-data";
import styles from "./session.module.css";
import { spendNow } from "./session-money";
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
  if (state === "budget_reached") return <AtCap session={session} store={store} error={error ?? ""} />;
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

type AtCapProps = { session: SessionAnswer; store: LiveStore<SessionState>; error: string };

/** Its own cap is raised here; another one where it is set, and then the session goes on as well. */
function AtCap({ session, store, error }: AtCapProps) {
  const told = useLiveSlow(store, (state) => state.spend);
  const { spent, cap } = spendNow(session, told);
  const reached = useLiveSlow(store, (state) => state.capReached);
  const own = cap !== null && isOwnCap(reached, error);
  return (
    <div className={styles.trouble} data-tone="warn">
      <IconCoin size={20} aria-hidden="true" />
      <div>
        <div role="status">
          <p className={styles.strong}>{own ? t("This session reached its cap.") : t("A cap was reached.")}</p>
          <p>{error || t("The next call could have passed it, so it was not made.")}</p>
          <p>{t("Its steps and evidence are kept, and the report holds what was found until then.")}</p>
        </div>
        <div className={styles.ways}>
          {own ? (
            <CapForm key={cap} session={session} first={suggestedCap(cap, spent, error)} goOn />
          ) : (
            <GoOn session={session.id} />
          )}
          <LinkButton
            variant="default"
            to="/research/new"
            search={{ goal: session.goal, ...(session.symbol ? { symbol: session.symbol } : {}) }}
          >
            {t("Start again with another model")}
          </LinkButton>
        </div>
      </div>
    </div>
  );
}

function GoOn({ session }: { session: string }) {
  const go = useMutation({
    mutationFn: () => say(session, t("Go on.")),
    onError: (error) => notify("bad", t("The session did not go on"), explain(error)),
  });
  return (
    <>
      <LinkButton to="/ai/usage">{t("See the caps")}</LinkButton>
      <Button variant="default" loading={go.isPending} onClick={() => go.mutate()}>
        {t("Go on")}
      </Button>
    </>
  );
}
