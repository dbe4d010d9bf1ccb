/** Bake-offs: models side by side on one frozen task, on one's own keys. */

import { Button, Progress } from "@mantine/core";
import { IconPlus, IconScale } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type BakeoffShort, bakeoffsQuery, isOver, modelsOf } from "../lib/bakeoffs";
import { formatDollars } from "../lib/format";
import { t } from "../lib/message";
import { formatUtc } from "../lib/time";
import { Age } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { progressWords, stateWords } from "./bakeoff-words";
import styles from "./evals.module.css";
import { NewBakeoffDialog } from "./new-bakeoff";

const route = getRouteApi("/shell/ai/evals");

const COLUMNS: readonly Column<BakeoffShort>[] = [
  {
    id: "goal",
    title: t("Task"),
    value: (row) => row.goal,
    cell: (row) => (
      <Link className={styles.goal} to="/ai/evals/$bakeoff" params={{ bakeoff: row.id }} data-row="">
        {row.goal}
      </Link>
    ),
  },
  {
    id: "state",
    title: t("State"),
    value: (row) => row.state,
    cell: (row) => {
      const { text, tone } = stateWords(row.state);
      return (
        <StatePill tone={tone} pulse={row.state === "running"}>
          {text}
        </StatePill>
      );
    },
    width: "130px",
  },
  {
    id: "models",
    title: t("Models"),
    value: (row) => modelsOf(row).join(", "),
    cell: (row) => <span className={styles.models}>{modelsOf(row).join(", ")}</span>,
  },
  {
    id: "runs",
    title: t("Runs"),
    align: "end",
    value: (row) => `${row.ended}/${row.runs_total}`,
    cell: (row) => <Runs row={row} />,
  },
  {
    id: "spent",
    title: t("Spent (USD)"),
    align: "end",
    value: (row) => row.spent,
    cell: (row) => (
      <span>
        {formatDollars(row.spent)}
        {` ${t("of {cap}", { cap: formatDollars(row.cap) })}`}
      </span>
    ),
  },
  {
    id: "created",
    title: t("Started"),
    align: "end",
    value: (row) => formatUtc(row.created_at),
    cell: (row) => <Age value={row.created_at} />,
  },
];

export function EvalsScreen() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(bakeoffsQuery);
  const open = () => void navigate({ to: "/ai/evals", search: { new: "yes" } });
  const start = (
    <Button leftSection={<IconPlus size={17} aria-hidden="true" />} onClick={open}>
      {t("New bake-off")}
    </Button>
  );
  return (
    <Page
      title={t("Evals")}
      lead={t("A bake-off gives several models the same task on the same frozen data, each at least three times.")}
      actions={
        <>
          <CsvButton name="bake-offs" columns={COLUMNS} rows={data} />
          {start}
        </>
      }
    >
      <Panel title={t("Bake-offs")} flush>
        <DataTable
          label={t("Bake-offs, newest first")}
          columns={COLUMNS}
          source={{ rows: data, error, retry: refetch }}
          keyOf={(row) => row.id}
          loadingRows={4}
          trouble={t("The bake-offs could not be read.")}
          empty={
            <EmptyState
              icon={<IconScale size={22} />}
              text={t("No bake-off yet. One shows which model is worth its price on your own question.")}
              action={<Button onClick={open}>{t("Start the first")}</Button>}
            />
          }
        />
      </Panel>
      <NewBakeoffDialog
        picked={search.new}
        onClose={() => void navigate({ to: "/ai/evals", search: {}, replace: true })}
      />
    </Page>
  );
}

function Runs({ row }: { row: BakeoffShort }) {
  const share = row.runs_total > 0 ? (row.ended / row.runs_total) * 100 : 0;
  return (
    <span className={styles.runs}>
      {progressWords(row)}
      {isOver(row.state) ? null : (
        <Progress value={share} size={4} aria-label={t("Progress of {goal}", { goal: row.goal })} />
      )}
    </span>
  );
}
