/** Who did what in this workspace, newest first. */

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { opsAudit } from "../api/generated/sdk.gen";
import type { EventAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Mono, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import styles from "./status.module.css";

const COLUMNS: readonly Column<EventAnswer>[] = [
  {
    id: "ts",
    title: t("Time"),
    width: "170px",
    value: (row) => row.ts,
    cell: (row) => <Time value={row.ts} part="second" />,
  },
  { id: "kind", title: t("What"), value: (row) => row.kind, cell: (row) => <Mono>{row.kind}</Mono> },
  {
    id: "data",
    title: t("Details"),
    value: (row) => JSON.stringify(row.data),
    cell: (row) => <span className={styles.details}>{describe(row.data)}</span>,
  },
  { id: "seq", title: t("Number"), align: "end", width: "80px", value: (row) => row.seq, cell: (row) => row.seq },
];

export function AuditPanel() {
  const trail = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ signal, pageParam }) => opsAudit({ query: pageParam ? { cursor: Number(pageParam) } : {}, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const rows = trail.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title={t("Audit trail")} flush end={<CsvButton name="audit" columns={COLUMNS} rows={rows} />}>
      <DataTable
        label={t("Audit trail")}
        columns={COLUMNS}
        source={{ rows, error: trail.error, retry: trail.refetch }}
        keyOf={(row) => String(row.seq)}
        empty={
          <EmptyState
            text={t("Nothing yet. Sign-ins, tokens, approvals and stops are written here and cannot be changed.")}
          />
        }
        trouble={t("The audit trail could not be loaded.")}
      />
      {trail.hasNextPage ? (
        <div className={styles.more}>
          <Button variant="subtle" loading={trail.isFetchingNextPage} onClick={() => void trail.fetchNextPage()}>
            {t("Show older ones")}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function describe(data: EventAnswer["data"]): string {
  return Object.entries(data)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
}
