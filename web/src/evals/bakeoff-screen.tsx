/** One bake-off: its progress while it runs, then who did how well, each figure with its interval. */

import { Button, Progress } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { labCancelBakeoff } from "../api/generated/sdk.gen";
import { type Bakeoff, bakeoffQuery, isOver, resultsOf } from "../lib/bakeoffs";
import { formatDollars, shortHash } from "../lib/format";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { credentialsQuery, presetsQuery } from "../lib/vault-api";
import { Age, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { DataTable } from "../ui/data-table";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatTiles } from "../ui/stat-tiles";
import { StatePill } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { progressWords, resultKey, stateWords } from "./bakeoff-words";
import styles from "./evals.module.css";
import { resultColumns, resultFile } from "./result-columns";

const route = getRouteApi("/shell/ai/evals/$bakeoff");

export function BakeoffScreen() {
  const { bakeoff: id } = route.useParams();
  const { data, error, refetch } = useQuery(bakeoffQuery(id));
  if (data) return <Open bakeoff={data} />;
  return (
    <Page title={t("Bake-off")}>
      <Panel flush>
        {error ? (
          <ErrorState error={error} what={t("This bake-off could not be opened.")} retry={refetch} />
        ) : (
          <LoadingRows rows={8} />
        )}
      </Panel>
    </Page>
  );
}

function Open({ bakeoff }: { bakeoff: Bakeoff }) {
  const { text, tone } = stateWords(bakeoff.state);
  const over = isOver(bakeoff.state);
  const keys = useQuery(credentialsQuery).data;
  const presets = useQuery(presetsQuery).data;
  const rows = resultsOf(bakeoff, keys ?? [], presets ?? []);
  const columns = resultColumns(rows);
  return (
    <Page
      title={t("Bake-off")}
      facts={
        <span role="status">
          <StatePill tone={tone} pulse={bakeoff.state === "running"}>
            {text}
          </StatePill>
        </span>
      }
      lead={bakeoff.goal}
      actions={
        <>
          <CsvButton name={`bake-off-${bakeoff.id}`} columns={resultFile()} rows={rows} />
          {over ? null : <Cancel id={bakeoff.id} />}
        </>
      }
    >
      <StatTiles
        stats={[
          {
            label: t("Runs"),
            value: progressWords(bakeoff),
            note: t("{count} of each model", { count: bakeoff.repeats }),
          },
          {
            label: t("Spent"),
            value: formatDollars(bakeoff.spent),
            note: t("of {cap} at most", { cap: formatDollars(bakeoff.cap) }),
          },
          { label: t("Market"), value: bakeoff.symbol ?? "–", note: bakeoff.timeframe ?? undefined },
          {
            label: t("Frozen data"),
            value: <Mono>{bakeoff.data_hashes[0] ? shortHash(bakeoff.data_hashes[0]) : "–"}</Mono>,
            note: frozenWords(bakeoff.data_hashes.length),
          },
          {
            label: t("Started"),
            value: <Age value={bakeoff.created_at} />,
            note: over ? t("It is over") : t("It runs on the server"),
          },
        ]}
      />
      {over ? null : (
        <Progress
          value={bakeoff.runs_total > 0 ? (bakeoff.ended / bakeoff.runs_total) * 100 : 0}
          size={6}
          aria-label={progressWords(bakeoff)}
        />
      )}
      <Panel title={t("Result")} flush>
        <DataTable
          label={t("Result of the bake-off by model")}
          columns={columns}
          source={{ rows }}
          keyOf={resultKey}
          trouble={t("The result could not be read.")}
          empty={<EmptyState text={t("No run has ended yet.")} />}
        />
        <p className={styles.foot}>
          {t(
            "In brackets: where the figure lies with 95 % by these runs. “Best” only where no other model's interval touches it.",
          )}
        </p>
      </Panel>
    </Page>
  );
}

function frozenWords(hashes: number): string {
  if (hashes === 0) return t("Known after the first run");
  return hashes === 1 ? t("The same bytes for every run") : t("The runs did not all see the same bars");
}

function Cancel({ id }: { id: string }) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => labCancelBakeoff({ path: { bakeoff_id: id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["bakeoffs"] }),
    onError: (error) => notify("bad", t("The bake-off was not cancelled"), explain(error)),
  });
  return (
    <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
      {t("Cancel it")}
    </Button>
  );
}
