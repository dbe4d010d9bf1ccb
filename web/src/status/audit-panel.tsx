/** The audit trail: who did what and when; it only ever grows. */

import { Button } from "@mantine/core";
import { useInfiniteQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { opsAudit } from "../api/generated/sdk.gen";
import type { EventAnswer, Me } from "../api/generated/types.gen";
import { shortId } from "../lib/format";
import { t } from "../lib/message";
import { meQuery } from "../lib/queries";
import { formatUtc, zoneLabel } from "../lib/time";
import { Mono, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { actorOf, details, whatWasDone } from "./audit-words";
import styles from "./status.module.css";

const FRESH_EVERY_MS = 15_000;

export function AuditPanel() {
  const { data: me } = useSuspenseQuery(meQuery);
  const columns = useMemo(() => auditColumns(me), [me]);
  const trail = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ signal, pageParam }) => opsAudit({ query: pageParam ? { cursor: Number(pageParam) } : {}, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    // Someone who reads back is not moved by what is new.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 1) > 1 ? false : FRESH_EVERY_MS),
  });
  const rows = useMemo(() => trail.data?.pages.flatMap((page) => page.items), [trail.data]);
  return (
    <Panel
      title={t("Audit trail")}
      flush
      end={
        <>
          <span>{t("Times in {zone}", { zone: zoneLabel() })}</span>
          <CsvButton name="audit-trail" columns={columns} rows={rows} />
        </>
      }
    >
      <DataTable
        label={t("Who did what, newest first")}
        columns={columns}
        source={{ rows, error: trail.error, retry: trail.refetch }}
        keyOf={(row) => String(row.seq)}
        trouble={t("The audit trail could not be read.")}
        empty={<EmptyState text={t("Nothing was done here yet that the trail records.")} />}
      />
      {trail.hasNextPage ? (
        <div className={styles.more}>
          <Button variant="subtle" loading={trail.isFetchingNextPage} onClick={() => void trail.fetchNextPage()}>
            {t("Read further back")}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function auditColumns(me: Me): Column<EventAnswer>[] {
  return [
    {
      id: "kind",
      title: t("What"),
      value: (row) => row.kind,
      cell: (row) => <span className={styles.name}>{whatWasDone(row)}</span>,
    },
    {
      id: "ts",
      title: t("When"),
      value: (row) => formatUtc(row.ts),
      cell: (row) => <Time value={row.ts} part="second" />,
    },
    { id: "who", title: t("Who"), value: actorOf, width: "130px", cell: (row) => <Who id={actorOf(row)} me={me} /> },
    {
      id: "details",
      title: t("Details"),
      value: (row) => JSON.stringify(row.data),
      cell: (row) => <span className={styles.detail}>{details(row) || "–"}</span>,
    },
    { id: "seq", title: t("Number"), align: "end", value: (row) => row.seq, cell: (row) => row.seq },
  ];
}

function Who({ id, me }: { id: string | null; me: Me }) {
  if (id === null) return t("At the server");
  if (id === me.person.id) return t("{name} (you)", { name: me.person.name });
  return (
    <span title={id}>
      <Mono>{shortId(id)}</Mono>
    </span>
  );
}
