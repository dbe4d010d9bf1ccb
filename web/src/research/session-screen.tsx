/** A research session: what it does now, what it found, what it needs from a person. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { SessionAnswer } from "../api/generated/types.gen";
import { useLiveSlow, useTopic } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { ErrorState, LoadingRows } from "../ui/states";
import { AttentionSlot, StickyAttention } from "./attention-slot";
import { EvidenceDrawer } from "./evidence-drawer";
import { EvidencePanel } from "./evidence-panel";
import { LinkPanel } from "./link-panel";
import { ProofPanel } from "./proof-panel";
import { ReportView } from "./report-view";
import { RunActions } from "./run-actions";
import { sessionQuery, sessionTopic, sessionTopics } from "./run-data";
import { RunState } from "./run-head";
import { RunStrip } from "./run-strip";
import styles from "./session.module.css";
import { isOver, type SessionState } from "./session-state";
import { SessionsButton, SessionsRail } from "./sessions-rail";
import { SnapshotPanel } from "./snapshot-panel";
import { SpendPanel } from "./spend-panel";
import { StepsPanel } from "./steps-panel";
import { TracePanel } from "./trace-panel";
import { TroubleBanner } from "./trouble-banner";
import { useSessionKeys } from "./use-step-keys";

const route = getRouteApi("/shell/research/$session");

const MAX_TITLE = 96;

export function SessionScreen() {
  const { session: id } = route.useParams();
  const { data, error, refetch } = useQuery(sessionQuery(id));
  if (data) return <Open key={id} session={data} />;
  return (
    <Page title={t("Research session")}>
      <Panel flush>
        {error ? (
          <ErrorState error={error} what={t("This session could not be opened.")} retry={refetch} />
        ) : (
          <LoadingRows rows={10} />
        )}
      </Panel>
    </Page>
  );
}

function Open({ session }: { session: SessionAnswer }) {
  const { id, goal } = session;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const store = useTopic(sessionTopics, sessionTopic(id));
  const reported = useLiveSlow(store, (state) => state.report !== null) || session.report;
  // One that was over when it was opened is opened for its report; one that runs stays where it is looked at.
  const [over] = useState(() => isOver(session.state));
  const view = viewOf(search.view ?? (over && session.report ? "report" : "steps"), reported);
  const turn = (next: typeof search) =>
    void navigate({ to: "/research/$session", params: { session: id }, search: next, replace: true });
  const show = (next: string) => turn({ ...search, view: next });
  const openEvidence = (evidence?: string) => {
    const { evidence: _, ...rest } = search;
    turn(evidence ? { ...rest, evidence } : rest);
  };
  const openNumber = (number: number) => openEvidence(String(number));
  useFreshLists(store);
  useSessionKeys();
  const named = useLiveSlow(store, (state) => state.title);
  const title = (named === undefined ? session.title : named) ?? goal;
  const long = title.length > MAX_TITLE;
  return (
    <Page
      title={long ? `${title.slice(0, MAX_TITLE)}…` : title}
      facts={<RunState session={session} store={store} />}
      lead={long || title !== goal ? goal : [session.symbol, session.timeframe].filter(Boolean).join(" · ")}
      actions={<RunActions session={session} store={store} />}
    >
      <RunStrip session={session} store={store} />
      <TroubleBanner session={session} store={store} />
      <div className={styles.views}>
        <SessionsButton current={id} />
        <Views view={view} reported={reported} onView={show} />
      </div>
      <div className={styles.columns}>
        <SessionsRail current={id} />
        {view === "report" ? <ReportView session={id} stale={session.report_stale} onEvidence={openEvidence} /> : null}
        {view === "trace" ? <TracePanel session={session} store={store} onStep={(step) => turn({ step })} /> : null}
        {view === "steps" ? (
          <StepsPanel
            session={id}
            store={store}
            live={!over}
            first={search.step ? Number(search.step) : undefined}
            onEvidence={openNumber}
            onReport={() => show("report")}
          />
        ) : null}
        <aside className={styles.side} aria-label={t("About this session")}>
          <AttentionSlot session={session} store={store} onReport={() => show("report")} />
          <SpendPanel session={session} store={store} />
          <SnapshotPanel session={session} />
          <EvidencePanel store={store} onEvidence={openNumber} />
          <ProofPanel session={id} />
          <LinkPanel />
        </aside>
      </div>
      <StickyAttention session={session} store={store} />
      <EvidenceDrawer session={id} evidence={search.evidence} onClose={() => openEvidence()} />
    </Page>
  );
}

type View = "steps" | "trace" | "report";

function viewOf(wanted: string, reported: boolean): View {
  if (wanted === "trace") return "trace";
  return wanted === "report" && reported ? "report" : "steps";
}

function Views({ view, reported, onView }: { view: View; reported: boolean; onView: (view: View) => void }) {
  return (
    <Segments
      label={t("What to see of this session")}
      value={view}
      options={[
        { value: "steps", label: t("Steps") },
        { value: "trace", label: t("Trace") },
        { value: "report", label: t("Report"), disabled: !reported },
      ]}
      onChange={onView}
    />
  );
}

/** Lists elsewhere on the page follow when this session changes its state. */
function useFreshLists(store: LiveStore<SessionState>): void {
  const client = useQueryClient();
  const state = useLiveSlow(store, (live) => live.state);
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ["sessions"] });
    if (isOver(state)) void client.invalidateQueries({ queryKey: ["strategies"] });
  }, [client, state]);
}
