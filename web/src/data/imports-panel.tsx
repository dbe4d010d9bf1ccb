/** The files that were taken in or refused, newest first. */

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Import } from "../lib/contract";
import { t } from "../lib/message";
import { Age, Count } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import styles from "./data.module.css";
import { importsQuery } from "./data-queries";
import { FATES } from "./import-result";

export function ImportsPanel({ onOpen }: { onOpen: (done: Import) => void }) {
  const imports = useInfiniteQuery(importsQuery);
  const rows = imports.data?.pages.flatMap((page) => page.items);
  const columns = columnsOf(onOpen);
  return (
    <Panel title={t("Imports")} flush end={<CsvButton name="imports" columns={columns} rows={rows} />}>
      <DataTable
        label={t("Imported files")}
        columns={columns}
        source={{ rows, error: imports.error, retry: imports.refetch }}
        keyOf={(row) => row.id}
        loadingRows={2}
        empty={<EmptyState text={t("No file has been imported yet. What is loaded came from the generator.")} />}
        trouble={t("The imports could not be loaded.")}
      />
      {imports.hasNextPage ? (
        <div className={styles.more}>
          <Button variant="subtle" loading={imports.isFetchingNextPage} onClick={() => void imports.fetchNextPage()}>
            {t("Show older ones")}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function columnsOf(onOpen: (done: Import) => void): Column<Import>[] {
  return [
    {
      id: "name",
      title: t("File"),
      value: (row) => row.name,
      cell: (row) => <span className={styles.fileName}>{row.name}</span>,
    },
    {
      id: "status",
      title: t("Result"),
      value: (row) => row.status,
      cell: (row) => <StatePill tone={FATES[row.status].tone}>{FATES[row.status].word}</StatePill>,
    },
    {
      id: "created_at",
      title: t("When"),
      value: (row) => row.created_at,
      cell: (row) => <Age value={row.created_at} />,
    },
    {
      id: "rows_read",
      title: t("Rows read"),
      align: "end",
      value: (row) => row.rows_read,
      cell: (row) => <Count value={row.rows_read} />,
    },
    {
      id: "rows_kept",
      title: t("New bars"),
      align: "end",
      value: (row) => row.rows_kept,
      cell: (row) => <Count value={row.rows_kept} />,
    },
    {
      id: "rows_unchanged",
      title: t("Known already"),
      align: "end",
      value: (row) => row.rows_unchanged,
      cell: (row) => <Count value={row.rows_unchanged} />,
    },
    {
      id: "rows_quarantined",
      title: t("Left out"),
      align: "end",
      value: (row) => row.rows_quarantined,
      cell: (row) =>
        row.rows_quarantined > 0 || row.status === "refused" ? (
          <WhyButton row={row} onOpen={onOpen} />
        ) : (
          <Count value={row.rows_quarantined} />
        ),
    },
  ];
}

function WhyButton({ row, onOpen }: { row: Import; onOpen: (done: Import) => void }) {
  return (
    <Button variant="default" size="compact-xs" onClick={() => onOpen(row)}>
      <Count value={row.rows_quarantined} />
      <span className={styles.why}>{t("why?")}</span>
    </Button>
  );
}
