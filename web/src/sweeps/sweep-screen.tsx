/** One sweep: how far it is, training beside test for every combination, and a heat map where two parameters vary. */

import { Button, Progress } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { engineResumeSweep, engineStopSweep } from "../api/generated/sdk.gen";
import { explain } from "../lib/http";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import { CsvButton } from "../ui/csv-button";
import { DataTable } from "../ui/data-table";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { HeatPanel } from "./heat-panel";
import { rowColumns } from "./sweep-columns";
import { isUnderWay, MOST_ROWS, type Sweep, type SweepRow, sweepQuery, sweepRowsQuery, sweepState } from "./sweep-data";
import styles from "./sweeps.module.css";

/** Its grid is known before its figures: nothing moves when they come. */
const NO_ROWS: readonly SweepRow[] = [];
const route = getRouteApi("/shell/backtests/sweeps/$sweep");

export function SweepScreen() {
  const { sweep: id } = route.useParams();
  const { data, error, refetch } = useQuery(sweepQuery(id));
  if (data) return <Opened sweep={data} />;
  return (
    <Page title={t("Sweep")}>
      <Panel flush>
        {error ? (
          <ErrorState error={error} what={t("This sweep could not be read.")} retry={refetch} />
        ) : (
          <LoadingRows rows={8} />
        )}
      </Panel>
    </Page>
  );
}

function Opened({ sweep }: { sweep: Sweep }) {
  const { data, error, refetch } = useQuery(sweepRowsQuery(sweep.id, sweep.done));
  const rows = data?.items;
  const columns = rowColumns(sweep);
  const state = sweepState(sweep.state);
  return (
    <Page
      title={t("Sweep of {name}", { name: sweep.name })}
      facts={
        <>
          <StatePill tone="quiet" dot={false}>
            {sweep.every.map((row) => row.label).join(" + ")}
          </StatePill>
          <span role="status">
            <StatePill tone={state.tone} pulse={sweep.state === "running"}>
              {state.text}
            </StatePill>
          </span>
        </>
      }
      lead={lead(sweep)}
      actions={
        <>
          <CsvButton name={`sweep-${sweep.id}`} columns={columns} rows={rows} />
          <Turn sweep={sweep} />
        </>
      }
    >
      {sweep.state === "done" ? null : <ProgressPanel sweep={sweep} />}
      <HeatPanel sweep={sweep} rows={rows ?? NO_ROWS} />
      <Panel title={t("Training beside test")} flush>
        <DataTable
          label={t("Combinations")}
          columns={columns}
          source={{ rows, error, retry: refetch }}
          keyOf={(row) => Object.values(row.parameters).join(" ")}
          trouble={t("The combinations could not be read.")}
          empty={<EmptyState text={t("Nothing was tried yet. Rows come as they are found.")} />}
        />
      </Panel>
    </Page>
  );
}

function lead(sweep: Sweep): string {
  const days = t("{from} to {to}", {
    from: formatTime(sweep.span.start, "day"),
    to: formatTime(sweep.span.end, "day"),
  });
  const split = sweep.split ? t("; the test begins on {day}", { day: formatTime(sweep.split, "day") }) : "";
  const how = {
    grid: plural(sweep.total, "{count} combination, the whole grid", "{count} combinations, the whole grid"),
    sample: plural(sweep.total, "{count} combination at random", "{count} combinations at random"),
    optuna: plural(sweep.total, "{count} try, learned from training", "{count} tries, each learned from training"),
  }[sweep.method];
  const shown = sweep.done > MOST_ROWS ? t(" The best {count} are shown.", { count: MOST_ROWS }) : "";
  return `${how}. ${days}${split}. ${t("Each counts as a trial.")}${shown}`;
}

function ProgressPanel({ sweep }: { sweep: Sweep }) {
  const percent = (100 * sweep.done) / sweep.total;
  const words = t("{done} of {total} combinations", { done: sweep.done, total: sweep.total });
  return (
    <Panel title={t("Progress")}>
      <div className={styles.progress}>
        <Progress value={percent} animated={sweep.state === "running"} aria-label={t("Progress")} />
        <p className={styles.words} role="status">
          {words}
          {sweep.refused ? `, ${t("{count} refused", { count: sweep.refused })}` : ""}
          {sweep.state === "stopped" ? `. ${t("Stopped: what was found stays, and it can go on.")}` : ""}
        </p>
        {sweep.error ? (
          <p role="alert">
            {sweep.error.text} {sweep.error.place}
          </p>
        ) : null}
      </div>
    </Panel>
  );
}

function Turn({ sweep }: { sweep: Sweep }) {
  const client = useQueryClient();
  const turning = useMutation({
    mutationFn: () =>
      sweep.state === "stopped"
        ? engineResumeSweep({ path: { sweep_id: sweep.id } })
        : engineStopSweep({ path: { sweep_id: sweep.id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["sweeps"] }),
  });
  if (!isUnderWay(sweep) && sweep.state !== "stopped")
    return (
      <LinkButton variant="default" to="/backtests/sweeps">
        {t("All sweeps")}
      </LinkButton>
    );
  const isStopped = sweep.state === "stopped";
  const Icon = isStopped ? IconPlayerPlay : IconPlayerPause;
  return (
    <Button
      leftSection={<Icon size={16} aria-hidden="true" />}
      loading={turning.isPending}
      onClick={() => turning.mutate()}
      title={turning.error ? explain(turning.error) : ""}
    >
      {isStopped ? t("Go on") : t("Stop")}
    </Button>
  );
}
