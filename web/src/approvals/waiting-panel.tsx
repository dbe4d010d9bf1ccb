/** Proposals that no person has decided about yet. */

import { Button } from "@mantine/core";
import { IconClipboardCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ProposalAnswer } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { proposalsQuery } from "../lib/queries";
import { Age, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import styles from "./approvals-list.module.css";

const COLUMNS: readonly Column<ProposalAnswer>[] = [
  {
    id: "strategy",
    title: t("Strategy"),
    value: (row) => t("{name}, version {number}", { name: row.name, number: row.number }),
    cell: (row) => (
      <Link
        className={styles.name}
        to="/approvals/$version"
        params={{ version: row.version_id }}
        search={{ session: row.session_id }}
        data-row=""
      >
        {t("{name}, version {number}", { name: row.name, number: row.number })}
      </Link>
    ),
  },
  {
    id: "word",
    title: t("The evidence"),
    value: (row) => (row.recommended ? "for it" : "not for it"),
    cell: (row) =>
      row.recommended ? (
        <StatePill tone="info">{t("Speaks for it")}</StatePill>
      ) : (
        <StatePill tone="warn">{t("Does not speak for it")}</StatePill>
      ),
  },
  {
    id: "session",
    title: t("Proposed by"),
    value: (row) => row.session_id,
    cell: (row) => (
      <Link className={styles.session} to="/research/$session" params={{ session: row.session_id }} title={row.goal}>
        {row.goal}
      </Link>
    ),
  },
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

export function WaitingPanel() {
  const { data, error, refetch } = useQuery(proposalsQuery);
  const rows = data?.items.filter((row) => row.status === "draft");
  return (
    <Panel
      title={t("Waiting for you")}
      flush
      attention={Boolean(rows?.length)}
      end={<CsvButton name="approvals-waiting" columns={COLUMNS} rows={rows} />}
    >
      <DataTable
        label={t("Proposals waiting for a decision")}
        columns={COLUMNS}
        source={{ rows, error, retry: refetch }}
        keyOf={(row) => row.version_id}
        trouble={t("The proposals could not be read.")}
        sortedBy={{ id: "created", down: true }}
        loadingRows={3}
        empty={
          <EmptyState
            icon={<IconClipboardCheck size={22} />}
            text={t("Nothing waits for you. A research session that proposes a strategy lays it here.")}
            action={
              <Button variant="default" renderRoot={(props) => <Link {...props} to="/research/new" />}>
                {t("Start a research session")}
              </Button>
            }
          />
        }
      />
    </Panel>
  );
}
