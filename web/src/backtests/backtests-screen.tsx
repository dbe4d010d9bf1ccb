/** All backtests, newest first: each is a registered trial, whatever came out. Found by words and state, up to four compared. */

import { Button, TextInput } from "@mantine/core";
import { IconClipboardData, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { plural, t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { CsvButton } from "../ui/csv-button";
import { DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState } from "../ui/states";
import { backtestPagesQuery } from "./backtest-data";
import styles from "./backtests.module.css";
import { MOST_COMPARED } from "./comparison";
import { fileColumns, listColumns } from "./list-columns";
import { filtered, STATE_OPTIONS, stateFilter, withMarket } from "./list-filter";

const route = getRouteApi("/shell/backtests");

export function BacktestsScreen() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(backtestPagesQuery);
  const series = useQuery(seriesQuery).data?.items;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const state = stateFilter(search.state);
  const all = useMemo(
    () =>
      data &&
      withMarket(
        data.pages.flatMap((page) => page.items),
        series ?? [],
      ),
    [data, series],
  );
  const rows = all && filtered(all, search.find ?? "", state);
  const columns = listColumns(chosen, (id) =>
    setChosen(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id].slice(0, MOST_COMPARED)),
  );
  const turn = (change: typeof search) =>
    void navigate({ search: { ...search, ...change }, replace: true, resetScroll: false });
  return (
    <Page
      title={t("Backtests")}
      lead={t("Every backtest is a trial that counts, also the ones nobody reports.")}
      actions={
        <>
          <CsvButton name="backtests" columns={fileColumns} rows={rows} />
          <LinkButton variant="default" to="/backtests/walks">
            {t("Walk-forwards")}
          </LinkButton>
          <LinkButton variant="default" to="/backtests/sweeps">
            {t("Sweeps")}
          </LinkButton>
          <CompareButton chosen={chosen} />
        </>
      }
    >
      <Panel
        title={t("Trials")}
        flush
        beside={
          <Segments
            label={t("Which backtests")}
            value={state}
            options={STATE_OPTIONS}
            onChange={(next) => turn({ state: next })}
          />
        }
        end={
          <TextInput
            size="xs"
            aria-label={t("Find a backtest")}
            placeholder={t("Name, market or hash")}
            leftSection={<IconSearch size={14} aria-hidden="true" />}
            data-filter=""
            value={search.find ?? ""}
            onChange={(event) => turn({ find: event.currentTarget.value })}
          />
        }
      >
        <DataTable
          label={t("Backtests")}
          columns={columns}
          source={{ rows, error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The backtests could not be read.")}
          empty={all?.length ? <NoneFound onAll={() => void navigate({ search: {}, replace: true })} /> : <NoneYet />}
        />
        {hasNextPage ? (
          <div className={styles.more}>
            <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t("Load older ones")}
            </Button>
            <span>{plural(all?.length ?? 0, "{count} is loaded.", "{count} are loaded.")}</span>
          </div>
        ) : null}
      </Panel>
    </Page>
  );
}

function CompareButton({ chosen }: { chosen: readonly string[] }) {
  if (chosen.length < 2) return <Button disabled>{t("Choose 2 to 4 to compare")}</Button>;
  return (
    <LinkButton to="/backtests/compare" search={{ ids: chosen.join(",") }}>
      {t("Compare {count}", { count: chosen.length })}
    </LinkButton>
  );
}

function NoneFound({ onAll }: { onAll: () => void }) {
  return (
    <EmptyState
      text={t("None of the loaded backtests is like that.")}
      action={
        <Button variant="default" onClick={onAll}>
          {t("Show all")}
        </Button>
      }
    />
  );
}

function NoneYet() {
  return (
    <EmptyState
      icon={<IconClipboardData size={22} />}
      text={t("No backtest yet. A research session runs them; so does a strategy's page.")}
      action={<LinkButton to="/research/new">{t("Start a research session")}</LinkButton>}
    />
  );
}
