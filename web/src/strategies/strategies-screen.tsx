/** The library of strategies: each a document with versions that never change. */

import { IconGitBranch, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { StrategyAnswer } from "../api/generated/types.gen";
import { plural, t } from "../lib/message";
import { strategiesQuery } from "../lib/queries";
import { Age, Count } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import styles from "./strategies.module.css";
import { TrainedPanel } from "./trained-panel";

const COLUMNS: readonly Column<StrategyAnswer>[] = [
  {
    id: "name",
    title: t("Strategy"),
    value: (row) => row.name,
    cell: (row) => (
      <Link className={styles.name} to="/strategies/$strategy" params={{ strategy: row.id }} data-row="">
        {row.name}
      </Link>
    ),
  },
  {
    id: "status",
    title: t("State"),
    value: (row) => approved(row),
    cell: (row) =>
      approved(row) > 0 ? (
        <StatePill tone="good">{plural(approved(row), "{count} approved", "{count} approved")}</StatePill>
      ) : (
        <StatePill tone="quiet">{t("Draft")}</StatePill>
      ),
  },
  {
    id: "versions",
    title: t("Versions"),
    align: "end",
    value: (row) => row.versions.length,
    cell: (row) => <Count value={row.versions.length} />,
  },
  {
    id: "newest",
    title: t("Newest version"),
    align: "end",
    value: (row) => row.versions[0]?.created_at,
    cell: (row) => <Age value={row.versions[0]?.created_at} />,
  },
];

export function StrategiesScreen() {
  const { data, error, refetch } = useQuery(strategiesQuery);
  return (
    <Page
      title={t("Strategies")}
      lead={t("A strategy is data, not code: the same document in backtest and on paper.")}
      actions={
        <>
          <CsvButton name="strategies" columns={COLUMNS} rows={data?.items} />
          <LinkButton to="/strategies/edit" leftSection={<IconPlus size={16} aria-hidden="true" />}>
            {t("New strategy")}
          </LinkButton>
        </>
      }
    >
      <Panel title={t("Library")} flush>
        <DataTable
          label={t("Strategies")}
          columns={COLUMNS}
          source={{ rows: data?.items, error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The strategies could not be read.")}
          empty={
            <EmptyState
              icon={<IconGitBranch size={22} />}
              text={t("No strategy yet. A research session drafts one, or write one yourself.")}
              action={<LinkButton to="/research/new">{t("Start a research session")}</LinkButton>}
            />
          }
        />
      </Panel>
      {/* Not before what stands above it has its height: nothing moves. */}
      {data || error ? <TrainedPanel /> : null}
    </Page>
  );
}

function approved(row: StrategyAnswer): number {
  return row.versions.filter((version) => version.status === "approved").length;
}
