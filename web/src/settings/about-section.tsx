/** What this is, which version, and whose work it stands on. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { t } from "../lib/message";
import { statusQuery } from "../lib/queries";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { type Licence, readLicences } from "./licences";
import styles from "./settings.module.css";

const COLUMNS: readonly Column<Licence>[] = [
  {
    id: "name",
    title: t("Library"),
    value: (row) => row.name,
    cell: (row) => <span className={styles.name}>{row.name}</span>,
  },
  { id: "version", title: t("Version"), value: (row) => row.version, cell: (row) => row.version || "–" },
  { id: "licence", title: t("Licence"), value: (row) => row.identifier, cell: (row) => row.identifier || "–" },
  { id: "text", title: t("Text"), cell: (row) => <FullText licence={row} />, width: "48%" },
];

export function AboutSection() {
  const status = useQuery(statusQuery);
  const licences = useQuery({ queryKey: ["licences"], queryFn: readLicences, staleTime: Number.POSITIVE_INFINITY });
  const version = status.data?.version ?? (status.error ? t("unknown: the server did not say") : "…");
  return (
    <>
      <Panel title={t("About OMC")}>
        <dl className={styles.facts}>
          <Fact name={t("Version")}>{version}</Fact>
          <Fact name={t("Licence")}>{t("Apache License 2.0")}</Fact>
          <Fact name={t("Charts")}>
            {t("Charts by")}{" "}
            <Anchor
              className={styles.link}
              href="https://www.tradingview.com/lightweight-charts/"
              target="_blank"
              rel="noreferrer"
              inherit
            >
              {t("TradingView Lightweight Charts™")}
            </Anchor>
            {". "}
            {t("Copyright © TradingView, Inc.")}
          </Fact>
          <Fact name={t("API")}>
            <Anchor className={styles.link} href="/api/v1/openapi.json" inherit>
              {t("Description of the API (OpenAPI)")}
            </Anchor>
          </Fact>
        </dl>
      </Panel>
      <Panel
        title={t("Libraries in this page")}
        flush
        end={<CsvButton name="licences" columns={COLUMNS} rows={licences.data} />}
      >
        <DataTable
          label={t("Libraries and their licences")}
          columns={COLUMNS}
          source={{ rows: licences.data, error: licences.error, retry: licences.refetch }}
          keyOf={(row) => `${row.name} ${row.version}`}
          loadingRows={20}
          trouble={t("The list of libraries could not be read.")}
          empty={<EmptyState text={t("This build names no libraries.")} />}
        />
      </Panel>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function FullText({ licence }: { licence: Licence }) {
  if (!licence.text) return "–";
  return (
    <details className={styles.text}>
      <summary>{t("Licence of {name}", { name: licence.name })}</summary>
      <pre>{licence.text}</pre>
    </details>
  );
}
