/** Whether the result could be luck: how often these data were tried, and the verdict where one was reached. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { engineBacktestTrials } from "../api/generated/sdk.gen";
import type { Backtest } from "../lib/contract";
import { plural, t } from "../lib/message";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";

const trialsQuery = (id: string) =>
  queryOptions({
    queryKey: ["backtests", id, "trials"],
    queryFn: ({ signal }) => engineBacktestTrials({ path: { backtest_id: id }, signal }),
  });

export function TrialsPanel({ backtest }: { backtest: Backtest }) {
  const { data, error, refetch } = useQuery(trialsQuery(backtest.id));
  return (
    <Panel title={t("Could it be luck?")} beside={<StatePill tone="quiet">{t("No verdict yet")}</StatePill>}>
      {data ? (
        <EmptyState
          text={`${plural(
            data.combinations,
            "{count} parameter set was ever tried on data that overlap this run's.",
            "{count} parameter sets were ever tried on data that overlap this run's.",
          )} ${t("The best of many tries looks good by luck alone: judge the figures above by that number.")}`}
        />
      ) : error ? (
        <ErrorState error={error} what={t("The tries could not be counted.")} retry={refetch} />
      ) : (
        <LoadingRows rows={3} />
      )}
    </Panel>
  );
}
