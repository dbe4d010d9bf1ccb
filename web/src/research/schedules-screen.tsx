/** Questions that are asked again by themselves: when, what came of it last, and how to stop it. */

import { Button } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { labDeleteSchedule, labPauseSchedule, labResumeSchedule, labRunSchedule } from "../api/generated/sdk.gen";
import type { ScheduleAnswer } from "../api/generated/types.gen";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Mono, Time } from "../ui/amount";
import { type Column, DataTable } from "../ui/data-table";
import { Buttons, Dialog } from "../ui/dialog";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { newKey } from "./key";
import styles from "./research-list.module.css";
import { schedulesQuery } from "./run-data";
import { whenWords } from "./schedule-words";
import { useMayWrite } from "./use-may-write";

const COLUMNS: readonly Column<ScheduleAnswer>[] = [
  {
    id: "goal",
    title: t("Question"),
    isSentence: true,
    value: (row) => row.goal,
    cell: (row) => <span className={styles.goal}>{row.goal}</span>,
  },
  { id: "when", title: t("When"), value: whenWords, cell: whenWords, width: "200px" },
  { id: "next", title: t("Next time"), value: (row) => row.next_at ?? "", cell: (row) => <Next row={row} /> },
  {
    id: "last",
    title: t("Last"),
    value: (row) => row.last_due ?? "",
    cell: (row) => <Last row={row} />,
    width: "160px",
  },
  { id: "model", title: t("Model"), value: (row) => row.model, cell: (row) => <Mono>{row.model}</Mono> },
  { id: "actions", title: t("Actions"), align: "end", cell: (row) => <Actions row={row} /> },
];

export function SchedulesScreen() {
  const { data, error, refetch } = useQuery(schedulesQuery);
  return (
    <Page
      title={t("Schedules")}
      lead={t("Questions that are asked again by themselves. Each time is a session of its own, within its own cap.")}
      actions={
        <LinkButton variant="default" to="/research">
          {t("All sessions")}
        </LinkButton>
      }
    >
      <Panel title={t("What is asked again")} flush>
        <DataTable
          label={t("Schedules")}
          columns={COLUMNS}
          source={{ rows: data?.items, error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The schedules could not be read.")}
          empty={
            <EmptyState
              icon={<IconClock size={22} />}
              text={t("Nothing is asked again yet. Open a session and choose “Ask it on a schedule” in its menu.")}
              action={<LinkButton to="/research">{t("See the sessions")}</LinkButton>}
            />
          }
        />
      </Panel>
    </Page>
  );
}

function Next({ row }: { row: ScheduleAnswer }) {
  if (row.problem) return <StatePill tone="bad">{row.problem}</StatePill>;
  if (row.paused || !row.next_at) return <StatePill tone="warn">{t("Paused")}</StatePill>;
  return <Time value={row.next_at} />;
}

function Last({ row }: { row: ScheduleAnswer }) {
  if (!row.last_session) return <>{t("Not yet")}</>;
  return (
    <Link to="/research/$session" params={{ session: row.last_session }}>
      {row.last_due ? <Time value={row.last_due} /> : t("Open")}
    </Link>
  );
}

function Actions({ row }: { row: ScheduleAnswer }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useMayWrite();
  const [asking, setAsking] = useState(false);
  const key = useRef(newKey());
  const path = { schedule_id: row.id };
  const change = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => client.invalidateQueries({ queryKey: ["schedules"] }),
    onError: (error) => notify("bad", t("The schedule stays as it is"), explain(error)),
  });
  const run = async () => {
    const { id } = await labRunSchedule({ path, headers: { "Idempotency-Key": key.current } });
    await client.invalidateQueries({ queryKey: ["sessions"] });
    await navigate({ to: "/research/$session", params: { session: id } });
  };
  if (!may) return null;
  return (
    <span className={styles.actions}>
      <Button size="compact-sm" variant="default" disabled={change.isPending} onClick={() => change.mutate(run)}>
        {t("Ask now")}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        disabled={change.isPending}
        onClick={() => change.mutate(() => (row.paused ? labResumeSchedule : labPauseSchedule)({ path }))}
      >
        {row.paused ? t("Resume") : t("Pause")}
      </Button>
      <Button size="compact-sm" variant="subtle" color="orange" onClick={() => setAsking(true)}>
        {t("Delete")}
      </Button>
      <Dialog title={t("Delete this schedule?")} opened={asking} onClose={() => setAsking(false)} size="sm">
        <p>{t("It is not asked again. The sessions that it opened stay.")}</p>
        <Buttons>
          <Button variant="default" data-autofocus="" onClick={() => setAsking(false)}>
            {t("Keep it")}
          </Button>
          <Button
            color="orange"
            loading={change.isPending}
            onClick={() => change.mutate(() => labDeleteSchedule({ path }))}
          >
            {t("Delete the schedule")}
          </Button>
        </Buttons>
      </Dialog>
    </span>
  );
}
