/** All walk-forward tests, newest first. */

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { WalkShort } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { Age, Mono } from "../ui/amount";
import { type Column, DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { walkPagesQuery, walkState } from "./walk-data";

const COLUMNS: readonly Column<WalkShort>[] = [
  {
    id: "name",
    title: t("Strategy"),
    value: (row) => row.name,
    cell: (row) => (
      <Link to="/backtests/walks/$walk" params={{ walk: row.id }} data-row="">
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
      const { text, tone } = walkState(row.state);
      return (
        <StatePill tone={tone} pulse={row.state === "running"}>
          {text}
        </StatePill>
      );
    },
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
    value: (row) => row.created_at,
    cell: (row) => <Age value={row.created_at} />,
  },
];

export function WalksScreen() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(walkPagesQuery);
  return (
    <Page
      title={t("Walk-forwards")}
      lead={t("Parameters fitted anew in each window on its past only, and traded on what follows.")}
      actions={
        <LinkButton variant="default" to="/backtests">
          {t("All backtests")}
        </LinkButton>
      }
    >
      <Panel title={t("Tests")} flush>
        <DataTable
          label={t("Walk-forwards")}
          columns={COLUMNS}
          source={{ rows: data?.pages.flatMap((page) => page.items), error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The walk-forwards could not be read.")}
          empty={
            <EmptyState
              text={t("No walk-forward yet. Start one on a strategy's page, with its sweep, or with omc walk-forward.")}
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
