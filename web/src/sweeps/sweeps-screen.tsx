/** All sweeps, newest first: searches over the parameters of a strategy, each combination in training and in test. */

import { Button } from "@mantine/core";
import { IconGridDots } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { SweepShort } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { Age, Count, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { sweepPagesQuery, sweepState } from "./sweep-data";
import styles from "./sweeps.module.css";

const route = getRouteApi("/shell/backtests/sweeps");

export function SweepsScreen() {
  const { hash } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(sweepPagesQuery);
  const all = data?.pages.flatMap((page) => page.items);
  const rows = hash ? all?.filter((row) => row.hash === hash) : all;
  return (
    <Page
      title={t("Sweeps")}
      lead={t("Many values of a strategy's parameters, each in training and in test. Every combination counts.")}
      actions={
        <>
          <CsvButton name="sweeps" columns={COLUMNS} rows={rows} />
          <LinkButton variant="default" to="/backtests">
            {t("All backtests")}
          </LinkButton>
        </>
      }
    >
      <Panel
        title={hash ? t("Sweeps of document {hash}", { hash: shortHash(hash) }) : t("Searches")}
        flush
        end={
          hash ? (
            <Button variant="default" size="xs" onClick={() => void navigate({ search: {}, replace: true })}>
              {t("Show all")}
            </Button>
          ) : null
        }
      >
        <DataTable
          label={t("Sweeps")}
          columns={COLUMNS}
          source={{ rows, error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The sweeps could not be read.")}
          empty={
            <EmptyState
              icon={<IconGridDots size={22} />}
              text={t("No sweep yet. Start one on a strategy's page, or with omc sweep; all workers take part.")}
              action={<LinkButton to="/strategies">{t("To the strategies")}</LinkButton>}
            />
          }
        />
        {hasNextPage ? (
          <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t("Load older ones")}
          </Button>
        ) : null}
      </Panel>
    </Page>
  );
}

const COLUMNS: readonly Column<SweepShort>[] = [
  {
    id: "name",
    title: t("Strategy"),
    value: (row) => row.name,
    cell: (row) => (
      <Link className={styles.name} to="/backtests/sweeps/$sweep" params={{ sweep: row.id }} data-row="">
        {row.name}
      </Link>
    ),
  },
  {
    id: "state",
    title: t("State"),
    width: "120px",
    value: (row) => row.state,
    cell: (row) => {
      const { text, tone } = sweepState(row.state);
      return (
        <StatePill tone={tone} pulse={row.state === "running"}>
          {text}
        </StatePill>
      );
    },
  },
  { id: "done", title: t("Tried"), align: "end", value: (row) => row.done, cell: (row) => <Count value={row.done} /> },
  {
    id: "total",
    title: t("Combinations"),
    align: "end",
    value: (row) => row.total,
    cell: (row) => <Count value={row.total} />,
  },
  {
    id: "hash",
    title: t("Document hash"),
    value: (row) => row.hash,
    cell: (row) => <Mono>{shortHash(row.hash)}</Mono>,
  },
  {
    id: "created",
    title: t("Asked for"),
    align: "end",
    value: (row) => row.created_at,
    cell: (row) => <Age value={row.created_at} />,
  },
];
