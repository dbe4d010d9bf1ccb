/** Versions that only a person can let trade: those that wait, and those that were approved. */

import { Button } from "@mantine/core";
import { IconClipboardCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { StrategyAnswer, VersionShort } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { strategiesQuery } from "../lib/queries";
import { Age, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import styles from "./approvals-list.module.css";

type Row = VersionShort & { strategy: string };
type Filter = "draft" | "approved";

const COLUMNS: readonly Column<Row>[] = [
  {
    id: "strategy",
    title: t("Strategy"),
    value: (row) => row.strategy,
    cell: (row) => (
      <Link className={styles.name} to="/approvals/$version" params={{ version: row.id }} data-row="">
        {t("{name}, version {number}", { name: row.strategy, number: row.number })}
      </Link>
    ),
  },
  {
    id: "status",
    title: t("State"),
    value: (row) => row.status,
    cell: (row) =>
      row.status === "approved" ? (
        <StatePill tone="good">{t("Approved for paper")}</StatePill>
      ) : (
        <StatePill tone="warn">{t("Not approved")}</StatePill>
      ),
  },
  { id: "author", title: t("Written by"), value: (row) => row.author, cell: (row) => author(row.author) },
  {
    id: "hash",
    title: t("Document hash"),
    value: (row) => row.hash,
    cell: (row) => <Mono>{shortHash(row.hash)}</Mono>,
  },
  {
    id: "created",
    title: t("Since"),
    align: "end",
    value: (row) => row.created_at,
    cell: (row) => <Age value={row.created_at} />,
  },
];

export function ApprovalsScreen() {
  const [filter, setFilter] = useState<Filter>("draft");
  const { data, error, refetch } = useQuery(strategiesQuery);
  const rows = useMemo(() => data && versions(data.items).filter((row) => row.status === filter), [data, filter]);
  return (
    <Page
      title={t("Approvals")}
      lead={t(
        "A strategy leaves research only through you. Reviewing shows exactly what would trade, and under which limits.",
      )}
      actions={<CsvButton name={`approvals-${filter}`} columns={COLUMNS} rows={rows} />}
    >
      <Panel
        title={t("Versions")}
        flush
        beside={
          <Segments
            label={t("Which versions")}
            value={filter}
            options={[
              { value: "draft", label: t("Not approved") },
              { value: "approved", label: t("Approved") },
            ]}
            onChange={setFilter}
          />
        }
      >
        <DataTable
          label={t("Versions to approve")}
          columns={COLUMNS}
          source={{ rows, error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The versions could not be read.")}
          sortedBy={{ id: "created", down: true }}
          empty={
            <EmptyState
              icon={<IconClipboardCheck size={22} />}
              text={
                filter === "draft"
                  ? t("Nothing waits for you. A research session that drafts a strategy lays it here.")
                  : t("Nothing was approved yet.")
              }
              action={
                <Button renderRoot={(props) => <Link {...props} to="/research/new" />}>
                  {t("Start a research session")}
                </Button>
              }
            />
          }
        />
      </Panel>
    </Page>
  );
}

function versions(strategies: readonly StrategyAnswer[]): Row[] {
  return strategies.flatMap((strategy) =>
    strategy.versions.map((version) => ({ ...version, strategy: strategy.name })),
  );
}

/** `session:…` and `person:…` name who saved a version. */
function author(text: string): string {
  if (text.startsWith("person:")) return t("A person");
  if (text.startsWith("session:")) return t("A research session");
  return text;
}
