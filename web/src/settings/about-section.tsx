/** What this is, which version, and whose work it stands on. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { t } from "../lib/message";
import { statusQuery } from "../lib/queries";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { LICENCES, type Licence, readLicences } from "./licences";
import styles from "./settings.module.css";

const COLUMNS: readonly Column<Licence>[] = [
  {
    id: "name",
    title: t("Library"),
    value: (row) => row.name,
    cell: (row) => <b className={styles.name}>{row.name}</b>,
  },
  { id: "version", title: t("Version"), value: (row) => row.version, cell: (row) => row.version || "–" },
  { id: "licence", title: t("Licence"), value: (row) => row.identifier, cell: (row) => row.identifier || "–" },
];

export function AboutSection() {
  const status = useQuery(statusQuery);
  const licences = useQuery({ queryKey: ["licences"], queryFn: readLicences, staleTime: Number.POSITIVE_INFINITY });
  const version = status.data?.version ?? (status.error ? t("unknown: the server did not say") : "…");
  return (
    <>
      <Panel title={t("About OMC")}>
        <dl className={styles.facts}>
          <div>
            <dt>{t("Version")}</dt>
            <dd>{version}</dd>
          </div>
          <div>
            <dt>{t("Licence")}</dt>
            <dd>{t("Apache License 2.0")}</dd>
          </div>
          <div>
            <dt>{t("Charts")}</dt>
            <dd>
              {t("Charts by")}{" "}
              <Anchor
                href="https://www.tradingview.com/lightweight-charts/"
                target="_blank"
                rel="noreferrer"
                className={styles.link}
                inherit
              >
                {t("TradingView Lightweight Charts™")}
              </Anchor>
              {". "}
              {t("Copyright © TradingView, Inc.")}
            </dd>
          </div>
          <div>
            <dt>{t("API")}</dt>
            <dd>
              <Anchor href="/api/v1/openapi.json" className={styles.link} inherit>
                {t("Description of the API (OpenAPI)")}
              </Anchor>
            </dd>
          </div>
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
          loadingRows={12}
          trouble={t("The list of libraries could not be read.")}
          empty={<EmptyState text={t("This build names no libraries.")} />}
        />
        {licences.data ? <Foot /> : null}
      </Panel>
    </>
  );
}

function Foot() {
  return (
    <p className={styles.foot}>
      <Anchor href={LICENCES} className={styles.link} inherit>
        {t("Full texts of the licences")}
      </Anchor>
      {". "}
      {t("The server's Python packages carry theirs in the environment they are installed in.")}
    </p>
  );
}
