/** What people decided, by whom and when; and, on request, drafts that no session proposed. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { DecisionAnswer, ProposalAnswer, StrategyAnswer, VersionShort } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { proposalsQuery, strategiesQuery } from "../lib/queries";
import { Age, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { decisionsQuery } from "./approval-data";
import styles from "./approvals-list.module.css";
import { outcome } from "./outcome";

type Draft = VersionShort & { strategy: string };

export function DecidedPanel() {
  const [shown, setShown] = useState<"decided" | "drafts">("decided");
  const beside = (
    <Segments
      label={t("Which versions")}
      value={shown}
      options={[
        { value: "decided", label: t("Decided") },
        { value: "drafts", label: t("Other drafts") },
      ]}
      onChange={setShown}
    />
  );
  return shown === "decided" ? <Decided beside={beside} /> : <Drafts beside={beside} />;
}

const DECISIONS: readonly Column<DecisionAnswer>[] = [
  {
    id: "strategy",
    title: t("Strategy"),
    value: (row) => t("{name}, version {number}", { name: row.name, number: row.number }),
    cell: (row) => <Name version={row.version_id} name={row.name} number={row.number} />,
  },
  {
    id: "outcome",
    title: t("Decision"),
    value: (row) => row.outcome,
    cell: (row) => {
      const { word, tone } = outcome(row.outcome);
      return <StatePill tone={tone}>{word}</StatePill>;
    },
  },
  { id: "by", title: t("By"), value: (row) => row.by, cell: (row) => row.by },
  {
    id: "reason",
    title: t("Why"),
    value: (row) => row.reason,
    cell: (row) => (row.reason ? <span className={styles.reason}>{row.reason}</span> : "–"),
  },
  {
    id: "hash",
    title: t("Document hash"),
    value: (row) => row.hash,
    cell: (row) => <Mono>{shortHash(row.hash)}</Mono>,
  },
  {
    id: "at",
    title: t("When"),
    align: "end",
    width: "150px",
    value: (row) => row.at,
    cell: (row) => <Age value={row.at} />,
  },
];

function Decided({ beside }: { beside: React.ReactNode }) {
  const { data, error, refetch } = useQuery(decisionsQuery());
  return (
    <Panel
      title={t("Decisions")}
      flush
      beside={beside}
      end={<CsvButton name="approvals-decided" columns={DECISIONS} rows={data?.items} />}
    >
      <DataTable
        label={t("Decisions about versions")}
        columns={DECISIONS}
        source={{ rows: data?.items, error, retry: refetch }}
        keyOf={(row) => `${row.version_id} ${row.outcome} ${row.at}`}
        trouble={t("The decisions could not be read.")}
        sortedBy={{ id: "at", down: true }}
        loadingRows={3}
        empty={<EmptyState text={t("Nothing was decided yet.")} />}
      />
    </Panel>
  );
}

const DRAFTS: readonly Column<Draft>[] = [
  {
    id: "strategy",
    title: t("Strategy"),
    value: (row) => t("{name}, version {number}", { name: row.strategy, number: row.number }),
    cell: (row) => <Name version={row.id} name={row.strategy} number={row.number} />,
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
    width: "150px",
    value: (row) => row.created_at,
    cell: (row) => <Age value={row.created_at} />,
  },
];

function Drafts({ beside }: { beside: React.ReactNode }) {
  const { data, error, refetch } = useQuery(strategiesQuery);
  const { data: proposals } = useQuery(proposalsQuery);
  const rows = useMemo(() => (data && proposals ? drafts(data.items, proposals.items) : undefined), [data, proposals]);
  return (
    <Panel
      title={t("Other drafts")}
      flush
      beside={beside}
      end={<CsvButton name="approvals-drafts" columns={DRAFTS} rows={rows} />}
    >
      <DataTable
        label={t("Drafts that were not proposed")}
        columns={DRAFTS}
        source={{ rows, error, retry: refetch }}
        keyOf={(row) => row.id}
        trouble={t("The versions could not be read.")}
        sortedBy={{ id: "created", down: true }}
        loadingRows={3}
        empty={<EmptyState text={t("No draft but those that wait above.")} />}
      />
    </Panel>
  );
}

function Name({ version, name, number }: { version: string; name: string; number: number }) {
  return (
    <Link className={styles.name} to="/approvals/$version" params={{ version }} data-row="">
      {t("{name}, version {number}", { name, number })}
    </Link>
  );
}

function drafts(strategies: readonly StrategyAnswer[], proposals: readonly ProposalAnswer[]): Draft[] {
  const proposed = new Set(proposals.map((row) => row.version_id));
  return strategies.flatMap((strategy) =>
    strategy.versions
      .filter((version) => version.status === "draft" && !proposed.has(version.id))
      .map((version) => ({ ...version, strategy: strategy.name })),
  );
}

/** `session:…` and `person:…` name who saved a version. */
function author(text: string): string {
  if (text.startsWith("person:")) return t("A person");
  if (text.startsWith("session:")) return t("A research session");
  return text;
}
