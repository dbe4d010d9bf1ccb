/** The models that can run a research session. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Model } from "../lib/contract";
import { plural, t } from "../lib/message";
import { modelsQuery } from "../lib/queries";
import { Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";

const KINDS: Record<Model["kind"], string> = { rules: t("Fixed rules, not AI"), language: t("Language model") };

const COLUMNS: readonly Column<Model>[] = [
  { id: "label", title: t("Model"), value: (row) => row.label, cell: (row) => <strong>{row.label}</strong> },
  {
    id: "kind",
    title: t("Kind"),
    value: (row) => KINDS[row.kind],
    cell: (row) => (
      <StatePill tone={row.kind === "rules" ? "quiet" : "accent"} dot={false}>
        {KINDS[row.kind]}
      </StatePill>
    ),
  },
  {
    id: "provider",
    title: t("Provider"),
    value: (row) => row.provider,
    cell: (row) => (row.provider === "builtin" ? t("Built in") : row.provider),
  },
  {
    id: "cost",
    title: t("Cost"),
    align: "end",
    value: (row) => (row.kind === "rules" ? 0 : null),
    cell: (row) => (row.kind === "rules" ? t("Free") : "–"),
  },
  { id: "id", title: t("Name for the API"), value: (row) => row.id, cell: (row) => <Mono>{row.id}</Mono> },
];

export function ModelsScreen(): ReactNode {
  const { data, error, refetch } = useQuery(modelsQuery);
  return (
    <Page
      title={t("Models")}
      lead={t(
        "What can run a research session. The built-in analyst follows fixed rules through the same loop as a language model: the same tools, the same evidence.",
      )}
      actions={<LinkButton to="/research/new">{t("New research session")}</LinkButton>}
    >
      <Panel
        title={data ? plural(data.length, "{count} model", "{count} models") : t("Models that can be used")}
        flush
        end={<CsvButton name="models" columns={COLUMNS} rows={data} />}
      >
        <DataTable
          label={t("Models")}
          columns={COLUMNS}
          source={{ rows: data, error, retry: refetch }}
          keyOf={(row) => row.id}
          loadingRows={1}
          empty={<EmptyState text={t("No model is available. The built-in analyst should be here: see Status.")} />}
          trouble={t("The models could not be loaded.")}
        />
      </Panel>
    </Page>
  );
}
