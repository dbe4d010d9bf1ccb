/** What runs now and what ran last: research sessions and paper deployments. */

import { IconFlask } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Deployment, Session } from "../lib/contract";
import { t } from "../lib/message";
import { deploymentsQuery, sessionsQuery } from "../lib/queries";
import { Age, Count, Money } from "../ui/amount";
import { type Column, DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Panel } from "../ui/panel";
import { StatePill, type Tone } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import styles from "./overview.module.css";

const SHOWN = 5;

const SESSION_STATES: Record<Session["state"], { tone: Tone; word: string }> = {
  queued: { tone: "quiet", word: t("Queued") },
  running: { tone: "accent", word: t("Running") },
  waiting: { tone: "warn", word: t("Waiting for you") },
  paused: { tone: "warn", word: t("Paused") },
  done: { tone: "good", word: t("Done") },
  failed: { tone: "bad", word: t("Failed") },
  cancelled: { tone: "quiet", word: t("Cancelled") },
  budget_reached: { tone: "warn", word: t("Cap reached") },
};

const SESSION_COLUMNS: readonly Column<Session>[] = [
  {
    id: "goal",
    title: t("Question"),
    cell: (row) => (
      <Link to="/research/$session" params={{ session: row.id }} className={styles.title} data-row="">
        {row.goal}
      </Link>
    ),
  },
  {
    id: "state",
    title: t("State"),
    width: "136px",
    cell: (row) => {
      const state = SESSION_STATES[row.state];
      return (
        <StatePill tone={state.tone} pulse={row.state === "running"}>
          {state.word}
        </StatePill>
      );
    },
  },
  { id: "steps", title: t("Steps"), align: "end", width: "64px", cell: (row) => <Count value={row.steps} /> },
  { id: "age", title: t("Begun"), align: "end", width: "140px", cell: (row) => <Age value={row.created_at} /> },
];

export function ResearchPanel() {
  const { data, error, refetch } = useQuery(sessionsQuery);
  return (
    <Panel title={t("Research")} flush end={<Link to="/research">{t("All sessions")}</Link>}>
      <DataTable
        label={t("Newest research sessions")}
        columns={SESSION_COLUMNS}
        source={{ rows: data?.items.slice(0, SHOWN), error, retry: refetch }}
        keyOf={(row) => row.id}
        empty={
          <EmptyState
            icon={<IconFlask size={22} />}
            text={t("No session yet. Ask a question about a market; the report leads each figure to its evidence.")}
            action={<LinkButton to="/research/new">{t("Run a first research session")}</LinkButton>}
          />
        }
        trouble={t("The sessions could not be loaded.")}
      />
    </Panel>
  );
}

const DEPLOYMENT_STATES: Record<Deployment["state"], { tone: Tone; word: string }> = {
  running: { tone: "accent", word: t("Running") },
  stopped: { tone: "quiet", word: t("Stopped") },
  done: { tone: "good", word: t("Done") },
  failed: { tone: "bad", word: t("Failed") },
};

const DEPLOYMENT_COLUMNS: readonly Column<Deployment>[] = [
  {
    id: "name",
    title: t("Strategy"),
    cell: (row) => (
      <Link to="/trading/$deployment" params={{ deployment: row.id }} className={styles.title} data-row="">
        {row.name}
      </Link>
    ),
  },
  {
    id: "state",
    title: t("State"),
    width: "112px",
    cell: (row) => <StatePill tone={DEPLOYMENT_STATES[row.state].tone}>{DEPLOYMENT_STATES[row.state].word}</StatePill>,
  },
  { id: "symbol", title: t("Market"), width: "110px", cell: (row) => row.symbol },
  {
    id: "equity",
    title: t("Equity"),
    align: "end",
    width: "150px",
    cell: (row) => <Money value={row.equity} currency={row.currency} />,
  },
];

export function TradingPanel() {
  const { data, error, refetch } = useQuery(deploymentsQuery);
  return (
    <Panel title={t("Paper trading")} flush end={<Link to="/trading">{t("All deployments")}</Link>}>
      <DataTable
        label={t("Newest deployments")}
        columns={DEPLOYMENT_COLUMNS}
        source={{ rows: data?.items.slice(0, SHOWN), error, retry: refetch }}
        keyOf={(row) => row.id}
        empty={
          <EmptyState
            text={t("Nothing trades yet. A strategy trades on paper once you have approved one of its versions.")}
          />
        }
        trouble={t("The deployments could not be loaded.")}
      />
    </Panel>
  );
}
