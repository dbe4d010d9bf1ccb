/** How each part of the installation is, in words, and what happened lately. */

import { Button, CopyButton } from "@mantine/core";
import { IconClipboard } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Part, Status } from "../lib/contract";
import { formatDuration } from "../lib/format";
import { t } from "../lib/message";
import { statusQuery } from "../lib/queries";
import { formatUtc } from "../lib/time";
import { Count } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatTiles } from "../ui/stat-tiles";
import { StatePill, type Tone } from "../ui/state-pill";
import { AuditPanel } from "./audit-panel";

const STATES: Record<Part["state"], { tone: Tone; word: string }> = {
  ok: { tone: "good", word: t("Works") },
  degraded: { tone: "warn", word: t("Degraded") },
  down: { tone: "bad", word: t("Down") },
  unknown: { tone: "quiet", word: t("No data") },
};

const COLUMNS: readonly Column<Part>[] = [
  { id: "name", title: t("Part"), value: (row) => row.name, cell: (row) => <strong>{row.name}</strong> },
  {
    id: "state",
    title: t("State"),
    value: (row) => row.state,
    cell: (row) => <StatePill tone={STATES[row.state].tone}>{STATES[row.state].word}</StatePill>,
  },
  { id: "detail", title: t("What is known"), value: (row) => row.detail, cell: (row) => row.detail },
  {
    id: "age",
    title: t("Last sign"),
    align: "end",
    value: (row) => row.age_s,
    cell: (row) => (row.age_s === null ? "–" : t("{age} ago", { age: formatDuration(row.age_s * 1_000) })),
  },
];

export function StatusScreen(): ReactNode {
  const { data, error, refetch, dataUpdatedAt } = useQuery(statusQuery);
  return (
    <Page
      title={t("Status")}
      lead={t("“No data” means that nobody has asked or answered yet; it is not the same as down.")}
      actions={<CopyDiagnosis status={data} at={dataUpdatedAt} />}
    >
      <StatTiles
        loading={!data}
        stats={[
          { label: t("Version"), value: data?.version },
          { label: t("Workers"), value: <Count value={data?.workers} />, note: t("processes that do the work") },
          {
            label: t("Jobs waiting"),
            value: <Count value={data?.queue.waiting} />,
            note: t("{count} running", { count: data?.queue.running ?? 0 }),
          },
          { label: t("Oldest job waits"), value: formatDuration((data?.queue.oldest_s ?? 0) * 1_000) },
        ]}
      />
      <Panel title={t("Parts")} flush end={<CsvButton name="status" columns={COLUMNS} rows={data?.parts} />}>
        <DataTable
          label={t("Parts of the installation")}
          columns={COLUMNS}
          source={{ rows: data?.parts, error, retry: refetch }}
          keyOf={(row) => row.name}
          empty={null}
          trouble={t("The status could not be read.")}
        />
      </Panel>
      <AuditPanel />
    </Page>
  );
}

/** For a bug report: what is shown here, nothing secret. */
function CopyDiagnosis({ status, at }: { status: Status | undefined; at: number }) {
  const text = JSON.stringify({ at: formatUtc(at), page: navigator.userAgent, ...status }, null, 2);
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          leftSection={<IconClipboard size={16} aria-hidden="true" />}
          disabled={!status}
          onClick={copy}
        >
          {copied ? t("Copied") : t("Copy the diagnosis")}
        </Button>
      )}
    </CopyButton>
  );
}
