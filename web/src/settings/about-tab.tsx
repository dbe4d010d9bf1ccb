/** Version, licence, and the licences of everything that is inside the page. */

import { useQuery } from "@tanstack/react-query";
import { t } from "../lib/message";
import { statusQuery } from "../lib/queries";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatTiles } from "../ui/stat-tiles";
import styles from "./settings.module.css";

/** As the build writes it. */
type Licence = { name: string; version: string; identifier: string | null; text?: string };

const COLUMNS: readonly Column<Licence>[] = [
  { id: "name", title: t("Part"), value: (row) => row.name, cell: (row) => <strong>{row.name}</strong> },
  { id: "version", title: t("Version"), value: (row) => row.version, cell: (row) => row.version },
  {
    id: "licence",
    title: t("Licence"),
    value: (row) => row.identifier,
    cell: (row) => row.identifier ?? t("see its text"),
  },
  {
    id: "text",
    title: t("Text"),
    cell: (row) =>
      row.text ? (
        <details className={styles.licence}>
          <summary>{t("Show the text for {name}", { name: row.name })}</summary>
          <pre>{row.text}</pre>
        </details>
      ) : (
        "–"
      ),
  },
];

export function AboutTab() {
  const { data: status } = useQuery(statusQuery);
  const { data, error, refetch } = useQuery({
    queryKey: ["licences"],
    queryFn: loadLicences,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <StatTiles
        stats={[
          { label: t("OMC"), value: status?.version ?? "…", note: t("Apache-2.0") },
          { label: t("Charts"), value: t("TradingView"), note: t("Lightweight Charts, tradingview.com") },
          { label: t("Text"), value: t("Inter"), note: t("SIL Open Font License; figures of code in JetBrains Mono") },
        ]}
      />
      <Panel title={t("Inside this page")} flush>
        <DataTable
          label={t("Licences of the parts inside this page")}
          columns={COLUMNS}
          source={{ rows: data, error, retry: refetch }}
          keyOf={(row) => `${row.name} ${row.version}`}
          empty={null}
          trouble={t("The licences could not be loaded. They are written when the page is built.")}
        />
      </Panel>
    </>
  );
}

async function loadLicences(): Promise<Licence[]> {
  const answer = await fetch("/licences.json");
  if (!answer.ok) throw new Error(t("The file of licences is not there."));
  return (await answer.json()) as Licence[];
}
