/** What model calls cost: by day, model, key and session, against the caps that hold. */

import { Select } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { plural, t } from "../lib/message";
import { usageQuery } from "../lib/vault-api";
import { CsvButton } from "../ui/csv-button";
import { DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState } from "../ui/states";
import { CallsPanel } from "./calls-panel";
import { CapsPanel } from "./caps-panel";
import { DayBars } from "./day-bars";
import styles from "./usage.module.css";
import { usageColumns } from "./usage-columns";
import { UsageTiles } from "./usage-tiles";
import { BY, byOf, byWords, claimedWords, daysOf, firstDay, SPANS } from "./usage-words";

const route = getRouteApi("/shell/ai/usage");

export function UsageScreen() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const by = byOf(search.by);
  const days = daysOf(search.days);
  const from = firstDay(days);
  const daily = useQuery({ ...usageQuery("day", from), placeholderData: keepPreviousData });
  const { data, error, refetch } = useQuery({ ...usageQuery(by, from), placeholderData: keepPreviousData });
  const claimed = claimedWords(daily.data?.total);
  const columns = useMemo(() => usageColumns(by), [by]);
  const turn = (change: typeof search) =>
    void navigate({ to: "/ai/usage", search: { ...search, ...change }, replace: true });
  return (
    <Page
      title={t("Usage and cost")}
      lead={t("Every model call is a row: reserved before, settled after, to the last digit. Days are UTC days.")}
      actions={
        <>
          <Select
            aria-label={t("Span")}
            w={136}
            data={SPANS.map((span) => ({
              value: String(span),
              label: plural(span, "{count} day", "Last {count} days"),
            }))}
            value={String(days)}
            onChange={(next) => turn({ days: next ?? "30" })}
          />
          <CsvButton name={`usage-by-${by}-from-${from}`} columns={columns} rows={data?.items} />
        </>
      }
    >
      <UsageTiles usage={daily.data} days={days} />
      {claimed ? <p className={styles.claimed}>{claimed}</p> : null}
      <Panel title={t("Cost by day")}>
        <DayBars rows={daily.data?.items} days={days} />
      </Panel>
      <CapsPanel usage={daily.data} />
      <Panel
        title={t("Where it went")}
        flush
        beside={
          <Segments
            label={t("Grouped by")}
            value={by}
            options={BY.map((each) => ({ value: each, label: byWords(each) }))}
            onChange={(next) => turn({ by: next })}
          />
        }
      >
        <DataTable
          key={by}
          label={t("Usage by {group}", { group: byWords(by).toLowerCase() })}
          columns={columns}
          source={{ rows: data?.items, error, retry: refetch }}
          keyOf={(row) => row.key}
          loadingRows={3}
          sortedBy={by === "day" ? { id: "key", down: true } : { id: "cost", down: true }}
          trouble={t("The usage could not be read.")}
          empty={
            <EmptyState
              icon={<IconChartBar size={22} />}
              text={t("No model was called in this time. The built-in analyst calls none and costs nothing.")}
              action={<LinkButton to="/research/new">{t("Start a research session")}</LinkButton>}
            />
          }
        />
      </Panel>
      <CallsPanel />
    </Page>
  );
}
