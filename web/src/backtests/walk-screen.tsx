/** One walk-forward: what each window chose on its past, and the account that traded it out of sample. */

import { Button, Progress } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { engineStopWalk } from "../api/generated/sdk.gen";
import { formatNumber } from "../lib/format";
import { explain } from "../lib/http";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { ChartSeries } from "../ui/chart-model";
import { ChartPanel } from "../ui/chart-panel";
import { LinkButton } from "../ui/link-button";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { ErrorState, LoadingRows } from "../ui/states";
import styles from "./belief.module.css";
import { isUnderWay, type Walk, walkQuery, walkState } from "./walk-data";
import { WalkFigures } from "./walk-figures";
import { WindowsPanel } from "./windows-panel";

const route = getRouteApi("/shell/backtests/walks/$walk");

export function WalkScreen() {
  const { walk: id } = route.useParams();
  const { data, error, refetch } = useQuery(walkQuery(id));
  if (data) return <Opened walk={data} />;
  return (
    <Page title={t("Walk-forward")}>
      <Panel flush>
        {error ? (
          <ErrorState error={error} what={t("This walk-forward could not be read.")} retry={refetch} />
        ) : (
          <LoadingRows rows={8} />
        )}
      </Panel>
    </Page>
  );
}

function Opened({ walk }: { walk: Walk }) {
  const { text, tone } = walkState(walk.state);
  return (
    <Page
      title={t("Walk-forward of {name}", { name: walk.name })}
      facts={
        <>
          <StatePill tone="quiet" dot={false}>
            {walk.every.map((row) => row.label).join(" + ")}
          </StatePill>
          <span role="status">
            <StatePill tone={tone} pulse={walk.state === "running"}>
              {text}
            </StatePill>
          </span>
        </>
      }
      lead={lead(walk)}
      actions={<Turn walk={walk} />}
    >
      {walk.state === "done" ? <Found walk={walk} /> : <ProgressPanel walk={walk} />}
    </Page>
  );
}

function lead({ windows, kind, gap_bars, values, trials }: Walk): string {
  const past = kind === "anchored" ? t("on all bars before it") : t("on as many bars before it as the first");
  const how = t("{count} windows, each fitted {past}, but for the last {gap}.", {
    count: windows,
    past,
    gap: gap_bars,
  });
  const names = Object.keys(values).join(", ");
  const what = names ? t("Fitted: {names}.", { names }) : t("Fitted: values near the document's own.");
  const counted =
    trials === null ? t("Each set counts as a trial.") : t("{count} sets, each a trial.", { count: trials });
  return `${how} ${what} ${counted}`;
}

function ProgressPanel({ walk }: { walk: Walk }) {
  const { name, done, total } = walk.step;
  const words = total
    ? t("{name}: {done} of {total}", { name, done: formatNumber(done), total: formatNumber(total) })
    : t("It has not begun yet.");
  return (
    <Panel title={t("Progress")}>
      <Progress value={total ? (100 * done) / total : 0} animated={isUnderWay(walk)} aria-label={t("Progress")} />
      <p className={styles.note} role="status">
        {words}
        {walk.state === "stopped" ? ` ${t("Stopped: it counts all the same; ask again to begin anew.")}` : ""}
      </p>
      {walk.error ? (
        <p role="alert">
          {walk.error.text} {walk.error.place}
        </p>
      ) : null}
    </Panel>
  );
}

function Found({ walk }: { walk: Walk }) {
  const { equity, id } = walk;
  const series = useMemo(() => (equity ? curves(equity) : []), [equity]);
  return (
    <>
      <ChartPanel
        title={t("Out of sample, window after window")}
        summary={summary(walk)}
        name={`walk-forward-${id}-equity`}
        height={360}
        series={series}
        note={equity ? plural(equity.ts.length, "{count} point", "{count} points") : null}
      />
      <WindowsPanel windows={walk.fits} name={id} />
      <WalkFigures walk={walk} />
    </>
  );
}

function curves({ ts, equity, hold }: NonNullable<Walk["equity"]>): ChartSeries[] {
  const format = (value: number) => formatNumber(value, { digits: 2 });
  return [
    { id: "equity", title: t("Equity"), kind: "area", ts, values: equity, tone: "accent", format },
    { id: "hold", title: t("Holding"), kind: "line", ts, values: hold, tone: "quiet", dashed: true, format },
  ];
}

function summary({ equity }: Walk): string {
  const first = equity?.ts[0];
  const last = equity?.ts.at(-1);
  if (!equity || first === undefined || last === undefined) return t("No curve was stored.");
  return t("From {start} to {end} equity went from {from} to {to} out of sample.", {
    start: formatTime(first, "day"),
    end: formatTime(last, "day"),
    from: formatNumber(equity.equity[0], { digits: 2 }),
    to: formatNumber(equity.equity.at(-1), { digits: 2 }),
  });
}

function Turn({ walk }: { walk: Walk }) {
  const client = useQueryClient();
  const stopping = useMutation({
    mutationFn: () => engineStopWalk({ path: { walk_id: walk.id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["walks"] }),
  });
  if (!isUnderWay(walk))
    return (
      <LinkButton variant="default" to="/backtests/walks">
        {t("All walk-forwards")}
      </LinkButton>
    );
  return (
    <Button
      leftSection={<IconPlayerStop size={16} aria-hidden="true" />}
      loading={stopping.isPending}
      onClick={() => stopping.mutate()}
      title={stopping.error ? explain(stopping.error) : ""}
    >
      {t("Stop")}
    </Button>
  );
}
