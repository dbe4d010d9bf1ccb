/** The models a research session can use, and what each really is. */

import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Model, Session } from "../lib/contract";
import { formatDuration } from "../lib/format";
import { plural, t } from "../lib/message";
import { modelsQuery, sessionsQuery } from "../lib/queries";
import { Count, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { AnalystPanel } from "./analyst-panel";
import { isRules, kindWords, networkWords, pastOf, priceWords, providerWords } from "./model-words";
import styles from "./models.module.css";

export function ModelsScreen() {
  const { data, error, refetch } = useQuery(modelsQuery);
  const sessions = useQuery(sessionsQuery);
  const columns = useMemo(() => modelColumns(sessions.data?.items), [sessions.data]);
  return (
    <Page
      title={t("Models")}
      lead={t("What answers in a research session. Counts and times are of your own latest sessions.")}
      actions={
        <>
          <CsvButton name="models" columns={columns.map(inFile)} rows={data} />
          <LinkButton to="/research/new" leftSection={<IconPlus size={17} aria-hidden="true" />}>
            {t("New session")}
          </LinkButton>
        </>
      }
    >
      <Panel title={t("Available models")} flush>
        <DataTable
          label={t("Models that a session can use")}
          columns={columns}
          source={{ rows: data, error, retry: refetch }}
          keyOf={(row) => row.id}
          loadingRows={2}
          trouble={t("The models could not be read.")}
          empty={<EmptyState text={t("The server offers no model, so no session can start.")} />}
        />
      </Panel>
      {data?.some((model) => model.id === "analyst") ? <AnalystPanel /> : null}
    </Page>
  );
}

function modelColumns(sessions: readonly Session[] | undefined): Column<Model>[] {
  const past = (model: Model) => (sessions ? pastOf(model, sessions) : null);
  return [
    {
      id: "label",
      title: t("Model"),
      value: (row) => row.id,
      cell: (row) => (
        <span className={styles.model}>
          <span className={styles.name}>{row.label}</span>
          <Mono>{row.id}</Mono>
        </span>
      ),
    },
    {
      id: "kind",
      title: t("What it is"),
      value: (row) => row.kind,
      cell: (row) => <StatePill tone={isRules(row) ? "info" : "accent"}>{kindWords(row)}</StatePill>,
    },
    { id: "provider", title: t("Provider"), value: (row) => row.provider, cell: providerWords },
    { id: "price", title: t("Price"), value: priceWords, cell: priceWords },
    { id: "network", title: t("Network"), value: networkWords, cell: networkWords },
    {
      id: "sessions",
      title: t("Latest sessions"),
      align: "end",
      value: (row) => past(row)?.sessions,
      cell: (row) => <Count value={past(row)?.sessions} />,
    },
    {
      id: "took",
      title: t("Typical time"),
      align: "end",
      value: (row) => past(row)?.middleMs,
      cell: (row) => <Typical model={row} sessions={sessions} />,
    },
  ];
}

/** A file holds the bare number, and says its unit. */
function inFile(column: Column<Model>): Column<Model> {
  return column.id === "took" ? { ...column, title: t("Typical time (ms)") } : column;
}

function Typical({ model, sessions }: { model: Model; sessions: readonly Session[] | undefined }) {
  const past = sessions ? pastOf(model, sessions) : null;
  if (!past?.finished) return <span title={t("No session with it has finished yet.")}>–</span>;
  return (
    <span title={plural(past.finished, "Median of {count} finished session", "Median of {count} finished sessions")}>
      {formatDuration(past.middleMs)} <span className={styles.dim}>{t("n = {count}", { count: past.finished })}</span>
    </span>
  );
}
