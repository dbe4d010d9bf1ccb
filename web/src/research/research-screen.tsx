/** All research sessions: which run, what each found, what it cost. */

import { Button, TextInput } from "@mantine/core";
import { IconFlask, IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import type { SessionAnswer } from "../api/generated/types.gen";
import { formatCost, formatDuration } from "../lib/format";
import { t } from "../lib/message";
import { sessionsQuery } from "../lib/queries";
import { Age, Count, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import styles from "./research-list.module.css";
import { foundQuery, stateWords } from "./run-data";
import { isOver } from "./session-state";

const LIVE_EVERY_MS = 3_000;

type Filter = "all" | "live" | "report" | "failed" | "archived";

const COLUMNS: readonly Column<SessionAnswer>[] = [
  {
    id: "goal",
    title: t("Goal"),
    value: (row) => row.goal,
    cell: (row) => (
      <Link className={styles.goal} to="/research/$session" params={{ session: row.id }} data-row="">
        {row.title ?? row.goal}
      </Link>
    ),
  },
  { id: "state", title: t("State"), value: (row) => row.state, cell: (row) => <State row={row} />, width: "130px" },
  { id: "model", title: t("Model"), value: (row) => row.model, cell: (row) => <Mono>{row.model}</Mono> },
  {
    id: "steps",
    title: t("Steps"),
    align: "end",
    value: (row) => row.steps,
    cell: (row) => <Count value={row.steps} />,
  },
  { id: "cost", title: t("Cost (USD)"), align: "end", value: (row) => row.cost, cell: (row) => formatCost(row.cost) },
  {
    id: "took",
    title: t("Duration"),
    align: "end",
    value: (row) => duration(row),
    cell: (row) => formatDuration(duration(row)),
  },
  {
    id: "report",
    title: t("Report"),
    value: (row) => (row.report ? "yes" : "no"),
    cell: (row) =>
      row.report ? (
        <Link className={styles.link} to="/research/$session" params={{ session: row.id }} search={{ view: "report" }}>
          {t("Read")}
        </Link>
      ) : (
        "–"
      ),
  },
  {
    id: "created",
    title: t("Opened"),
    align: "end",
    value: (row) => row.created_at,
    cell: (row) => <Age value={row.created_at} />,
  },
];

export function ResearchScreen() {
  const [filter, setFilter] = useState<Filter>("all");
  const [words, setWords] = useState("");
  const found = { words: useDeferredValue(words.trim()), archived: filter === "archived" };
  const { data, error, refetch } = useQuery({
    ...(found.words || found.archived ? foundQuery(found) : sessionsQuery),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.items.some((row) => !isOver(row.state)) ? LIVE_EVERY_MS : 15_000),
  });
  const rows = data?.items.filter((row) => matches(row, filter));
  return (
    <Page
      title={t("Research")}
      lead={t(
        "Ask a question about a market. A session looks at the data, tests a strategy and reports with evidence.",
      )}
      actions={
        <>
          <CsvButton name="research-sessions" columns={COLUMNS} rows={rows} />
          <LinkButton variant="default" to="/research/schedules">
            {t("Schedules")}
          </LinkButton>
          <Button
            leftSection={<IconPlus size={17} aria-hidden="true" />}
            renderRoot={(props) => <Link {...props} to="/research/new" />}
          >
            {t("New session")}
          </Button>
        </>
      }
    >
      <Panel
        title={t("Sessions")}
        flush
        beside={
          <Segments
            label={t("Which sessions")}
            value={filter}
            options={[
              { value: "all", label: t("All") },
              { value: "live", label: t("Under way") },
              { value: "report", label: t("With report") },
              { value: "failed", label: t("Stopped early") },
              { value: "archived", label: t("Archived") },
            ]}
            onChange={setFilter}
          />
        }
        end={
          <TextInput
            data-filter=""
            className={styles.search ?? ""}
            type="search"
            size="xs"
            aria-label={t("Search the sessions")}
            placeholder={t("Search what was asked and said")}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
        }
      >
        <DataTable
          label={t("Research sessions")}
          columns={COLUMNS}
          source={{ rows, error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The sessions could not be read.")}
          empty={
            filter === "all" && !found.words ? (
              <NoSessions />
            ) : (
              <EmptyState text={t("No session matches this filter.")} />
            )
          }
        />
      </Panel>
    </Page>
  );
}

function State({ row }: { row: SessionAnswer }) {
  const { text, tone } = stateWords(row.state);
  return (
    <StatePill tone={tone} pulse={row.state === "running"}>
      {text}
    </StatePill>
  );
}

function NoSessions() {
  return (
    <EmptyState
      icon={<IconFlask size={22} />}
      text={t("No research yet. The built-in analyst needs no key and answers in seconds.")}
      action={
        <Button renderRoot={(props) => <Link {...props} to="/research/new" />}>
          {t("Run a first research session")}
        </Button>
      }
    />
  );
}

function matches(row: SessionAnswer, filter: Filter): boolean {
  switch (filter) {
    case "all":
    case "archived":
      return true;
    case "live":
      return !isOver(row.state);
    case "report":
      return row.report;
    case "failed":
      return row.state === "failed" || row.state === "budget_reached";
  }
}

function duration(row: SessionAnswer): number | undefined {
  return row.ended_at ? Date.parse(row.ended_at) - Date.parse(row.created_at) : undefined;
}
