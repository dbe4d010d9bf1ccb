/** What needs a person now, always in the same place and of the same height; on phones also at the bottom of the screen. */

import { Button, Kbd } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { SessionAnswer, VersionAnswer } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { useLive, useLivePhase } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { preferences } from "../lib/preferences";
import { Mono } from "../ui/amount";
import { Panel } from "../ui/panel";
import { versionQuery } from "./run-data";
import styles from "./session.module.css";
import type { Proposal } from "./session-notes";
import type { SessionState } from "./session-state";
import { useRunState } from "./use-run-state";

type SlotProps = { session: SessionAnswer; store: LiveStore<SessionState> };

export function AttentionSlot({ session, store, onReport }: SlotProps & { onReport: () => void }) {
  const proposal = useLive(store, (live) => live.proposal);
  const state = useRunState(store, session);
  const reading = useLivePhase(store) === "loading";
  if (proposal && state !== "running" && state !== "queued") {
    return <ProposalCard session={session.id} proposal={proposal} />;
  }
  const calm = state !== "waiting";
  const words = reading && state === "done" ? t("What it found is being read.") : calmWords(state);
  return (
    <Panel title={slotTitle(state)} attention={!calm} className={styles.slot}>
      <div className={styles.slotBody}>
        <p className={calm ? styles.quiet : undefined}>{words}</p>
        {(state === "done" || state === "budget_reached") && session.report ? (
          <Button variant="light" onClick={onReport}>
            {t("Read the report")}
          </Button>
        ) : null}
      </div>
    </Panel>
  );
}

function slotTitle(state: SessionState["state"]): string {
  if (state === "waiting") return t("The session waits for you");
  if (state === "paused") return t("The session rests");
  if (state === "budget_reached") return t("Stopped at its cap");
  return state === "failed" ? t("Stopped before its end") : t("Nothing needs you");
}

function calmWords(state: SessionState["state"]): string {
  switch (state) {
    case "waiting":
      return t("It asked a question: its card stands at the end of what happened. Your answer lets it go on.");
    case "queued":
      return t("The session is queued. A worker takes it up by itself, usually within a second.");
    case "running":
      return t("The session works on its own. If it has something to approve, it appears here.");
    case "paused":
      return t("It holds nothing while it rests. Resume it above, or say something: it goes on from where it stands.");
    case "done":
      return t("The session is done, and laid nothing before you to approve.");
    case "failed":
      return t("The session stopped. Write below what to change, and it goes on.");
    case "cancelled":
      return t("The session was cancelled. Open a new one to try again.");
    case "budget_reached":
      return t(
        "The session reached its cap. What it found until then is kept, and its report says that it is partial.",
      );
  }
}

function ProposalCard({ session, proposal }: { session: string; proposal: Proposal }) {
  const { data: version } = useQuery(versionQuery(proposal.version_id));
  const approved = version?.status === "approved";
  useApproveKey(proposal.version_id, session);
  return (
    <Panel
      title={approved ? t("You approved this") : t("Your approval is needed")}
      attention={!approved}
      className={styles.slot}
    >
      <div className={styles.slotBody}>
        <p className={styles.strong}>{question(version)}</p>
        <dl className={styles.facts}>
          <dt>{t("Document")}</dt>
          <dd>
            <Mono>{shortHash(version?.hash ?? "")}</Mono>
          </dd>
        </dl>
        {proposal.recommended === false ? (
          <p className={styles.warning}>
            {t("The evidence does not speak for it: laid before you to watch, not to trust.")}
          </p>
        ) : null}
        <div>
          <Button
            fullWidth
            variant={approved ? "default" : "filled"}
            renderRoot={(props) => (
              <Link
                {...props}
                to="/approvals/$version"
                params={{ version: proposal.version_id }}
                search={{ session }}
              />
            )}
          >
            {approved ? t("Start it once more") : t("Review and approve")}
          </Button>
          <p className={styles.hint}>
            {t("Paper money only.")} <Kbd size="xs">{t("Shift A")}</Kbd> {t("opens it.")}
          </p>
        </div>
      </div>
    </Panel>
  );
}

function question(version: VersionAnswer | undefined): string {
  if (!version) return t("Trade this strategy on paper?");
  const names = { name: version.name, number: version.number };
  return version.status === "approved"
    ? t("“{name}”, version {number}, may trade on paper.", names)
    : t("Trade “{name}”, version {number}, on paper?", names);
}

/** Shift A opens the review; it never approves by itself. */
function useApproveKey(version: string, session: string): void {
  const navigate = useNavigate();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (!event.shiftKey || event.key !== "A" || event.ctrlKey || event.metaKey || typing || !preferences().letters)
        return;
      event.preventDefault();
      void navigate({ to: "/approvals/$version", params: { version }, search: { session } });
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [navigate, version, session]);
}

export function StickyAttention({ session, store }: SlotProps) {
  const proposal = useLive(store, (live) => live.proposal);
  const state = useLive(store, (live) => live.state);
  const { data: version } = useQuery({ ...versionQuery(proposal?.version_id ?? ""), enabled: proposal !== null });
  const resting = state !== "running" && state !== "queued";
  if (!proposal || !resting || version?.status !== "draft") return null;
  return (
    <div className={styles.sticky}>
      <span>{t("Your approval is needed")}</span>
      <Button
        renderRoot={(props) => (
          <Link
            {...props}
            to="/approvals/$version"
            params={{ version: proposal.version_id }}
            search={{ session: session.id }}
          />
        )}
      >
        {t("Review")}
      </Button>
    </div>
  );
}
