/** What trades on paper now, what did, and whether anything may. */

import { Button } from "@mantine/core";
import { IconAdjustmentsAlt } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { DeploymentAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { deploymentsQuery } from "../lib/queries";
import { formatUtc } from "../lib/time";
import { Count, GainPercent, Money, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { SwitchBanner } from "./switch-banner";
import styles from "./trading.module.css";
import { baseOf, deploymentState, symbolsText } from "./trading-data";

const LIVE_EVERY_MS = 2_000;
const CALM_EVERY_MS = 15_000;

type Filter = "all" | "running" | "ended";

const COLUMNS: readonly Column<DeploymentAnswer>[] = [
  {
    id: "name",
    title: t("Strategy"),
    value: (row) => row.name,
    cell: (row) => (
      <Link className={styles.name} to="/trading/$deployment" params={{ deployment: row.id }} data-row="">
        {t("{name}, version {number}", { name: row.name, number: row.version.number })}
      </Link>
    ),
  },
  {
    id: "state",
    title: t("State"),
    value: (row) => row.state,
    cell: (row) => {
      const { text, tone } = deploymentState(row.state);
      return (
        <StatePill tone={tone} pulse={row.state === "running"}>
          {text}
        </StatePill>
      );
    },
  },
  {
    id: "market",
    title: t("Market"),
    value: symbolsText,
    cell: (row) => `${symbolsText(row)} · ${row.timeframe}, ${row.feed === "replay" ? t("replay") : t("follow")}`,
  },
  {
    id: "position",
    title: t("Position"),
    align: "end",
    value: positionText,
    cell: positionText,
  },
  {
    id: "equity",
    title: t("Equity"),
    align: "end",
    value: (row) => row.equity,
    cell: (row) => <Money value={row.equity} currency={row.currency} />,
  },
  {
    id: "gain",
    title: t("Gain"),
    align: "end",
    value: gainOf,
    cell: (row) => <GainPercent fraction={gainOf(row)} />,
  },
  {
    id: "orders",
    title: t("Orders"),
    align: "end",
    value: (row) => row.orders,
    cell: (row) => <Count value={row.orders} />,
  },
  {
    id: "fills",
    title: t("Fills"),
    align: "end",
    value: (row) => row.fills,
    cell: (row) => <Count value={row.fills} />,
  },
  {
    id: "cursor",
    title: t("Last bar"),
    align: "end",
    value: (row) => formatUtc(row.cursor_ts),
    cell: (row) => <Time value={row.cursor_ts} />,
  },
];

/** Since it began, as a fraction of its capital. A statistic: the money stands beside it. */
function positionText({ holdings }: DeploymentAnswer): string {
  const [first] = holdings;
  if (holdings.length === 1 && first) return formatNumber(first.position);
  const held = holdings.filter((each) => each.position !== "0");
  return held.map((each) => `${formatNumber(each.position)} ${baseOf(each.symbol)}`).join(", ") || "0";
}

function gainOf({ equity, limits }: DeploymentAnswer): number {
  return Number(equity) / Number(limits.capital) - 1;
}

export function TradingScreen() {
  const [filter, setFilter] = useState<Filter>("all");
  const { data, error, refetch } = useQuery({
    ...deploymentsQuery,
    refetchInterval: (query) =>
      query.state.data?.items.some((row) => row.state === "running") ? LIVE_EVERY_MS : CALM_EVERY_MS,
  });
  const rows = data?.items.filter((row) => filter === "all" || (row.state === "running") === (filter === "running"));
  return (
    <Page
      title={t("Trading")}
      facts={<StatePill tone="info">{t("Paper")}</StatePill>}
      lead={t("Approved versions at work with play money. No exchange is reached from here.")}
      actions={<CsvButton name="deployments" columns={COLUMNS} rows={rows} />}
    >
      <SwitchBanner />
      <Panel
        title={t("Deployments")}
        flush
        beside={
          <Segments
            label={t("Which deployments")}
            value={filter}
            options={[
              { value: "all", label: t("All") },
              { value: "running", label: t("Running") },
              { value: "ended", label: t("Ended") },
            ]}
            onChange={setFilter}
          />
        }
      >
        <DataTable
          label={t("Table of deployments")}
          columns={COLUMNS}
          source={{ rows, error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The deployments could not be read. What runs goes on; Stop trading works.")}
          empty={
            <EmptyState
              icon={<IconAdjustmentsAlt size={22} />}
              text={
                filter === "all"
                  ? t("Nothing trades yet. Approve a strategy, and it trades on paper.")
                  : t("None matches this filter.")
              }
              action={
                filter === "all" ? (
                  <Button renderRoot={(props) => <Link {...props} to="/approvals" />}>
                    {t("See what can be approved")}
                  </Button>
                ) : null
              }
            />
          }
        />
      </Panel>
    </Page>
  );
}
