/** The newest model calls, one a row: what was asked, what came, what it cost. */

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { formatCompact, formatDollars, formatDuration } from "../lib/format";
import { t } from "../lib/message";
import { formatUtc } from "../lib/time";
import type { Call } from "../lib/vault";
import { callsPage } from "../lib/vault-api";
import { Mono, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import styles from "./usage.module.css";

const COLUMNS: readonly Column<Call>[] = [
  {
    id: "at",
    title: t("At"),
    value: (row) => formatUtc(row.started_at),
    cell: (row) => <Time value={row.started_at} part="second" />,
  },
  {
    id: "session",
    title: t("Session"),
    value: (row) => row.session_id,
    cell: (row) =>
      row.session_id ? (
        <Link
          className={styles.link}
          to="/research/$session"
          params={{ session: row.session_id }}
          search={{ step: String(row.step) }}
        >
          {t("Step {step}", { step: row.step })}
        </Link>
      ) : (
        row.purpose
      ),
  },
  { id: "model", title: t("Model"), value: (row) => row.model, cell: (row) => <Mono>{row.model}</Mono> },
  { id: "state", title: t("State"), value: (row) => row.failure ?? row.state, cell: (row) => <State call={row} /> },
  tokens("input", t("In"), (row) => row.tokens_input),
  tokens("cache_read", t("Cached"), (row) => row.tokens_cache_read),
  tokens("output", t("Out"), (row) => row.tokens_output),
  {
    id: "latency",
    title: t("Latency"),
    align: "end",
    value: (row) => row.latency_ms,
    cell: (row) => formatDuration(row.latency_ms),
  },
  {
    id: "reserved",
    title: t("Reserved (USD)"),
    align: "end",
    value: (row) => row.reserved,
    cell: (row) => formatDollars(row.reserved),
  },
  {
    id: "cost",
    title: t("Cost (USD)"),
    align: "end",
    value: (row) => row.cost,
    cell: (row) => <span title={row.cost ?? ""}>{formatDollars(row.cost)}</span>,
  },
  {
    id: "claimed",
    title: t("Claimed (USD)"),
    align: "end",
    value: (row) => row.claimed,
    cell: (row) => (row.claimed ? <span title={row.claimed}>{formatDollars(row.claimed)}</span> : null),
  },
];

export function CallsPanel() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(callsPage);
  const rows = data?.pages.flatMap((page) => page.items);
  return (
    <Panel title={t("Newest calls")} flush end={<CsvButton name="model-calls" columns={COLUMNS} rows={rows} />}>
      <DataTable
        label={t("Model calls, newest first")}
        columns={COLUMNS}
        source={{ rows, error, retry: refetch }}
        keyOf={(row) => row.id}
        loadingRows={4}
        trouble={t("The calls could not be read.")}
        empty={<EmptyState text={t("No model has been called yet.")} />}
      />
      {hasNextPage ? (
        <div className={styles.more}>
          <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t("Show older calls")}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function tokens(id: string, title: string, value: (row: Call) => number): Column<Call> {
  return { id, title, align: "end", value, cell: (row) => formatCompact(value(row)) };
}

function State({ call }: { call: Call }) {
  if (call.state === "reserved") return <StatePill tone="accent">{t("Under way")}</StatePill>;
  if (call.state === "lost") return <StatePill tone="warn">{t("Lost, billed as reserved")}</StatePill>;
  if (call.failure) return <StatePill tone="bad">{call.failure.replaceAll("_", " ")}</StatePill>;
  return <StatePill tone="good">{t("Settled")}</StatePill>;
}
