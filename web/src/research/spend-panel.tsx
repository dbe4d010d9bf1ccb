/** What the session spent of what it may: spent, held for a call under way, and the cap that ends it. */

import { Button } from "@mantine/core";
import { useState } from "react";
import type { SessionAnswer } from "../api/generated/types.gen";
import { formatDollars, formatNumber } from "../lib/format";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Dialog } from "../ui/dialog";
import { Meter } from "../ui/meter";
import { Panel } from "../ui/panel";
import { CapForm } from "./cap-form";
import { shownCap } from "./cap-words";
import styles from "./session.module.css";
import { spendNow } from "./session-money";
import type { SessionState } from "./session-state";
import { spentText } from "./spent";
import { useRunState } from "./use-run-state";

export function SpendPanel({ session, store }: { session: SessionAnswer; store: LiveStore<SessionState> }) {
  const totals = useLiveSlow(store, (state) => state.totals);
  const told = useLiveSlow(store, (state) => state.spend);
  const { spent, reserved, cap } = spendNow(session, told);
  const state = useRunState(store, session);
  const [changing, setChanging] = useState(false);
  const paid = session.credential_id !== null;
  return (
    <Panel title={t("Budget")} end={cap && paid ? share(spent, cap) : null}>
      {cap && paid ? (
        <div className={styles.meter}>
          <Meter label={t("Budget of this session")} spent={spent} reserved={reserved} limit={cap} />
        </div>
      ) : null}
      <dl className={styles.facts}>
        <dt>{t("Spent")}</dt>
        <dd>{spentText(session, told, totals)}</dd>
        {paid ? (
          <>
            <dt>{t("Reserved for a call")}</dt>
            <dd>{formatDollars(reserved)}</dd>
            <dt>{t("Stops at")}</dt>
            <dd>
              {cap ? formatDollars(cap) : t("The workspace's caps")}
              {state === "cancelled" || state === "budget_reached" ? null : (
                <Button variant="subtle" size="compact-xs" ml={6} onClick={() => setChanging(true)}>
                  {t("Change")}
                </Button>
              )}
            </dd>
          </>
        ) : null}
        <dt>{t("Model answers")}</dt>
        <dd>{formatNumber(totals.models)}</dd>
        <dt>{t("Tool calls")}</dt>
        <dd>{formatNumber(totals.tools)}</dd>
      </dl>
      <Dialog title={t("What this session may spend")} opened={changing} onClose={() => setChanging(false)} size="sm">
        <p className={styles.lead}>{t("It holds from the next call on. The caps of the workspace hold as well.")}</p>
        <CapForm session={session} first={shownCap(cap)} goOn={false} onDone={() => setChanging(false)} />
      </Dialog>
    </Panel>
  );
}

function share(spent: string, cap: string): string {
  const part = Number(cap) > 0 ? Number(spent) / Number(cap) : 1;
  return t("{percent} %", { percent: Math.round(part * 100) });
}
